import { type Live, liveSchema } from "#shared/api/live.ts";
import { type LeaseAnswer, leaseAnswerSchema, type LeaseRequest } from "#shared/handoff/lease.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { SegmentRef } from "../domain/stitch-plan.ts";

/** For a request other than the long poll, whose time comes on top. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A segment has about a minute of a screen; one that takes longer than this is asked for again where it broke off. */
const SEGMENT_TIMEOUT_MS = 45_000;

/** Somebody looks at it and is told of what was known before, meanwhile. */
const LIVE_TIMEOUT_MS = 5_000;

/** What a refused hand-off request means for the one who asked. */
export type HandoffErrorCode =
  /** 409: the lease ran out or another adapter has it. */
  | "LEASE_LOST"
  /** 410: the recording was discarded. */
  | "RECORDING_DISCARDED"
  /** Anything else; worth another try. */
  | "HANDOFF_REFUSED";

export class HandoffError extends DeskreelError {
  declare readonly code: HandoffErrorCode;
}

/** The recorder's calls for adapters over HTTP: hand-off (lease, segment, ack, nack), and what is recorded now. */
export class RecorderClient {
  readonly url: string;
  readonly #token: string;

  /** @param url - of the recorder, e.g. `http://127.0.0.1:7400`. */
  constructor(url: string, token: string) {
    this.url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  /** Waits up to `waitMs` for recordings that nobody has leased. */
  async lease(request: LeaseRequest, signal: AbortSignal): Promise<LeaseAnswer["items"]> {
    const timeoutMs = REQUEST_TIMEOUT_MS + (request.waitMs ?? 0);
    const response = await this.#request("POST", "/v1/handoff/lease", { body: request, signal, timeoutMs });
    const parsed = leaseAnswerSchema.safeParse(await response.json());
    if (parsed.success) return parsed.data.items;
    const message = `${this.url} answered a lease that is not of the hand-off's form`;
    throw new HandoffError("HANDOFF_REFUSED", message, { cause: parsed.error });
  }

  /**
   * The bytes of a segment from an offset on; the answer says with 206 that it begins there, with 200 that it begins
   * at 0 all the same.
   */
  readSegment(ref: SegmentRef, leaseId: string, offset: number, signal: AbortSignal): Promise<Response> {
    const [recording, track, segment] = [ref.recordingId, ref.trackId, ref.segmentId].map(encodeURIComponent);
    const path = `/v1/handoff/${recording}/tracks/${track}/segments/${segment}?lease=${encodeURIComponent(leaseId)}`;
    const headers: Record<string, string> = offset > 0 ? { Range: `bytes=${offset}-` } : {};
    return this.#request("GET", path, { headers, signal, timeoutMs: SEGMENT_TIMEOUT_MS });
  }

  /** Who is recorded there now. */
  async live(signal: AbortSignal): Promise<Live> {
    const response = await this.#request("GET", "/v1/live", { signal, timeoutMs: LIVE_TIMEOUT_MS });
    const parsed = liveSchema.safeParse(await response.json());
    if (parsed.success) return parsed.data;
    const message = `${this.url} answered what is recorded now in another form`;
    throw new HandoffError("HANDOFF_REFUSED", message, { cause: parsed.error });
  }

  async ack(recordingId: string, leaseId: string, revision: number, signal: AbortSignal): Promise<void> {
    await this.#settle(recordingId, "ack", { leaseId, revision }, signal);
  }

  async nack(recordingId: string, leaseId: string, reason: string, signal: AbortSignal): Promise<void> {
    await this.#settle(recordingId, "nack", { leaseId, reason: reason.slice(0, 2_000) }, signal);
  }

  async #settle(recordingId: string, call: "ack" | "nack", body: object, signal: AbortSignal): Promise<void> {
    const path = `/v1/handoff/${encodeURIComponent(recordingId)}/${call}`;
    const response = await this.#request("POST", path, { body, signal, timeoutMs: REQUEST_TIMEOUT_MS });
    await response.body?.cancel();
  }

  async #request(
    method: string,
    path: string,
    options: { body?: object; headers?: Record<string, string>; signal: AbortSignal; timeoutMs: number },
  ): Promise<Response> {
    const headers: Record<string, string> = { ...options.headers, Authorization: `Bearer ${this.#token}` };
    if (options.body) headers["Content-Type"] = "application/json";
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeoutMs)]);
    let response: Response;
    try {
      response = await fetch(this.url + path, {
        method,
        headers,
        signal,
        ...(options.body ? { body: JSON.stringify(options.body) } : {}),
      });
    } catch (cause) {
      throw new HandoffError("HANDOFF_REFUSED", `${this.url} did not answer`, { cause });
    }
    if (response.ok) return response;
    const detail = (await response.text()).slice(0, 500);
    // The query carries the lease, which is nobody else's business.
    const subject = `${method} ${path.split("?")[0]} answered ${response.status}: ${detail}`;
    if (response.status === 409) throw new HandoffError("LEASE_LOST", subject);
    if (response.status === 410) throw new HandoffError("RECORDING_DISCARDED", subject);
    throw new HandoffError("HANDOFF_REFUSED", subject);
  }
}
