import { randomUUID } from "node:crypto";
import express, { type Request, type Response } from "express";
import type { Live } from "#shared/api/live.ts";
import type { Recording } from "#shared/api/recording.ts";
import { ackRequestSchema, leaseRequestSchema, nackRequestSchema } from "#shared/handoff/lease.ts";
import { bearerToken } from "#shared/http/guards.ts";
import { type HttpListener, listenHttp } from "#shared/http/listen.ts";
import { HttpProblem, parseRequest, problemWriter } from "#shared/http/problem.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";

export const RECORDER_TOKEN = "adapter-token-0123456789";

const CUT_AFTER_MS = 200;

interface Offer {
  recording: Recording;
  /** By `track/segment`. */
  bytes: ReadonlyMap<string, Buffer>;
  lease: string | null;
  isDiscarded: boolean;
}

/** The recorder's side for adapters over real HTTP, for tests: offers what it is told to, and can misbehave. */
export class FakeRecorder implements AsyncDisposable {
  readonly acks: { recordingId: string; revision: number }[] = [];
  readonly nacks: { recordingId: string; reason: string }[] = [];
  /** `Range` of each segment request; null = the whole. */
  readonly ranges: (string | null)[] = [];
  /** Bytes after which each of the next segment answers is cut. */
  readonly cutAfter: number[] = [];
  /** What it says of the present; null: it has no such call, as an older one. */
  live: Live | null = null;
  /** How often it was asked for it. */
  liveRequests = 0;
  readonly #offers = new Map<string, Offer>();
  #offered: PromiseWithResolvers<void> = Promise.withResolvers();
  #listener: HttpListener | null = null;

  static async listen(): Promise<FakeRecorder> {
    const recorder = new FakeRecorder();
    recorder.#listener = await listenHttp(
      "the fake recorder",
      { host: "127.0.0.1", port: 0 },
      recorder.#app(),
    );
    return recorder;
  }

  get url(): string {
    return this.#listener?.url ?? "";
  }

  offer(recording: Recording, bytes: ReadonlyMap<string, Buffer>): void {
    this.#offers.set(recording.id, { recording, bytes, lease: null, isDiscarded: false });
    this.#offered.resolve();
    this.#offered = Promise.withResolvers();
  }

  discard(recordingId: string): void {
    const offer = this.#offers.get(recordingId);
    if (offer) offer.isDiscarded = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#offered.resolve();
    await this.#listener?.[Symbol.asyncDispose]();
  }

  #app() {
    const app = express();
    app.use((request, _response, next) => {
      if (bearerToken(request) !== RECORDER_TOKEN) throw new HttpProblem(401, "the bearer token is unknown");
      next();
    });
    app.use(express.json());
    app.post("/v1/handoff/lease", async (request, response) => {
      const { max, waitMs, leaseMs } = parseRequest(leaseRequestSchema, request.body, "the lease");
      if (this.#leasable().length === 0) await this.#waitForOffer(waitMs);
      // Whoever asked and is gone would hold its leases for ever: here they do not run out.
      if (response.closed) return;
      const items = this.#leasable().slice(0, max);
      for (const offer of items) offer.lease = randomUUID();
      const expiresAt = formatInstant(Date.now() + leaseMs);
      response.json({
        items: items.map(({ lease, recording }) => ({ leaseId: lease, expiresAt, recording })),
      });
    });
    app.get("/v1/live", (_request, response) => {
      this.liveRequests += 1;
      if (this.live === null) throw new HttpProblem(404, "there is nothing here");
      response.json(this.live);
    });
    app.get("/v1/handoff/:recording/tracks/:track/segments/:segment", (request, response) =>
      this.#sendSegment(request, response),
    );
    app.post("/v1/handoff/:recording/ack", (request, response) => {
      const { leaseId, revision } = parseRequest(ackRequestSchema, request.body, "the ack");
      const offer = this.#held(request, leaseId);
      this.acks.push({ recordingId: offer.recording.id, revision });
      if (revision === offer.recording.revision) this.#offers.delete(offer.recording.id);
      response.status(204).end();
    });
    app.post("/v1/handoff/:recording/nack", (request, response) => {
      const { leaseId, reason } = parseRequest(nackRequestSchema, request.body, "the nack");
      this.nacks.push({ recordingId: this.#held(request, leaseId).recording.id, reason });
      response.status(204).end();
    });
    app.use(problemWriter(silentLog()));
    return app;
  }

  #leasable(): Offer[] {
    return [...this.#offers.values()].filter((offer) => offer.lease === null);
  }

  async #waitForOffer(waitMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([this.#offered.promise, timeout]);
    clearTimeout(timer);
  }

  #held(request: Request, leaseId: string): Offer {
    const offer = this.#offers.get(String(request.params["recording"]));
    if (offer?.lease !== leaseId) throw new HttpProblem(409, "that is not the unexpired lease");
    return offer;
  }

  #sendSegment(request: Request, response: Response): void {
    const { lease } = request.query;
    const offer = this.#held(request, typeof lease === "string" ? lease : "");
    if (offer.isDiscarded) throw new HttpProblem(410, "the recording is discarded");
    const bytes = offer.bytes.get(`${String(request.params["track"])}/${String(request.params["segment"])}`);
    if (bytes === undefined) throw new HttpProblem(404, "no such segment");
    const range = request.headers.range ?? null;
    this.ranges.push(range);
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    response.status(from > 0 ? 206 : 200).set("Content-Length", String(bytes.length - from));
    const cut = this.cutAfter.shift();
    if (cut === undefined) {
      response.end(bytes.subarray(from));
    } else {
      // What is still on its way when a connection breaks is lost: let it arrive first.
      response.write(bytes.subarray(from, from + cut), () =>
        setTimeout(() => response.destroy(), CUT_AFTER_MS),
      );
    }
  }
}
