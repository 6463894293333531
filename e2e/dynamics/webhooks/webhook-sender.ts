import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { DataverseStore, StoreWrite } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import type { Faults } from "../faults/faults.ts";
import { lookupResolver } from "../odata/lookup-resolver.ts";
import { type PostAnswer, postWebhook } from "./post-webhook.ts";
import { contextText, remoteExecutionContext, withoutRows } from "./remote-execution-context.ts";
import { stepsOfWrite, type WebhookStep } from "./webhook-steps.ts";

/** Above this a post is sent without its rows. */
const BODY_BYTES_MAX = 256 * 1024;
/** The answers after which Dataverse posts once more. */
const RETRIED = [502, 503, 504];
/** Soaks must not fill the memory. */
const LOG_KEPT = 20_000;

/** One POST that was made. */
interface PostAttempt extends PostAnswer {
  readonly sentAt: EpochMs;
  readonly answeredAt: EpochMs;
}

/** A job: one step's post of one write, and what became of it. */
export interface WebhookPost {
  /** The async operation's id; a duplicate has its original's. */
  readonly operationId: string;
  readonly step: string;
  /** Logical name, and id, of the row. */
  readonly entity: string;
  readonly rowId: string;
  readonly message: StoreWrite["message"];
  readonly columns: readonly string[];
  readonly writtenAt: EpochMs;
  readonly isDuplicate: boolean;
  readonly isSizeExceeded: boolean;
  readonly attempts: readonly PostAttempt[];
  /** `lost` = dropped as the faults say; `failed` = given up for good; null = under way. */
  readonly outcome: "delivered" | "failed" | "lost" | "stopped" | null;
}

type MutablePost = { -readonly [Key in keyof WebhookPost]: WebhookPost[Key] } & { attempts: PostAttempt[] };

/** What a sender works with. */
export interface WebhookParts {
  readonly store: DataverseStore;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly log: Log;
  /** The environment's URL. */
  readonly url: () => string;
}

/** What the faults make of a post; drawn in one go, so that the same seed does the same whatever is delivered when. */
interface Fate {
  readonly isLost: boolean;
  readonly isSizeExceeded: boolean;
  /** From the write; two for a duplicate. */
  readonly delaysMs: readonly DurationMs[];
}

/**
 * Posts each write to the steps that it sets off, as Dataverse's asynchronous service does: in no certain order, waiting
 * 60 s, once more after 502, 503 or 504; anything else fails for good and leaves an `asyncoperation` of status 31.
 * Disposing ends what is under way.
 */
export class WebhookSender implements AsyncDisposable {
  readonly #parts: WebhookParts;
  readonly #end = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #posts: MutablePost[] = [];
  readonly #stopListening: () => void;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
    this.#stopListening = parts.store.onWrite((write) => this.#onWrite(write));
  }

  /** The newest jobs in the order of their writes; a copy. */
  posts(): WebhookPost[] {
    return this.#posts.map((post) => ({ ...post, attempts: [...post.attempts] }));
  }

  clear(): void {
    this.#posts.length = 0;
  }

  /** Resolves when no post is under way or waiting for its time. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopListening();
    this.#end.abort(new DeskreelError("SIMULATOR_STOPPED", "the Dynamics simulator was stopped"));
    await this.idle();
  }

  #onWrite(write: StoreWrite): void {
    for (const step of stepsOfWrite(this.#parts.store, write)) this.#startJob(write, step);
  }

  #startJob(write: StoreWrite, step: WebhookStep): void {
    const { store, faults, clock } = this.#parts;
    const fate = this.#drawFate();
    const ids = { correlationId: randomUUID(), requestId: randomUUID(), operationId: randomUUID() };
    const writtenAt = clock.now();
    const context = remoteExecutionContext({
      ...ids,
      write,
      stepId: step.stepId,
      images: step.images,
      at: writtenAt,
      language: faults.settings.language,
      multiSelect: faults.settings.webhooks.multiSelect,
      resolveLookup: lookupResolver(store),
    });
    const whole = contextText(context);
    const isSizeExceeded = fate.isSizeExceeded || Buffer.byteLength(whole) > BODY_BYTES_MAX;
    const body = isSizeExceeded ? contextText(withoutRows(context)) : whole;
    for (const [index, delayMs] of fate.delaysMs.entries()) {
      const post: MutablePost = {
        operationId: ids.operationId,
        step: step.name,
        entity: write.entity.logicalName,
        rowId: write.id,
        message: write.message,
        columns: write.columns,
        writtenAt,
        isDuplicate: index > 0,
        isSizeExceeded,
        attempts: [],
        outcome: fate.isLost ? "lost" : null,
      };
      this.#posts.push(post);
      if (this.#posts.length > LOG_KEPT) this.#posts.splice(0, this.#posts.length - LOG_KEPT);
      if (!fate.isLost) this.#follow(this.#deliver(post, step, body, ids, delayMs));
    }
  }

  #drawFate(): Fate {
    const { faults } = this.#parts;
    const { loss, duplicate, reorder, reorderMs, sizeExceeded, delayMs } = faults.settings.webhooks;
    const draws = Array.from({ length: 8 }, () => faults.drawForWebhook());
    const [lost = 1, twice = 1, large = 1, ...times] = draws;
    const [least, most] = delayMs;
    const delay = ([spread = 0, held = 1]: number[]) =>
      least + spread * (most - least) + (held < reorder ? reorderMs : 0);
    const delays = [delay(times.slice(0, 2)), delay(times.slice(2, 4))];
    return {
      isLost: lost < loss,
      isSizeExceeded: large < sizeExceeded,
      delaysMs: lost >= loss && twice < duplicate ? delays : delays.slice(0, 1),
    };
  }

  #follow(job: Promise<void>): void {
    const followed = job.finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }

  async #deliver(
    post: MutablePost,
    step: WebhookStep,
    body: string,
    ids: { correlationId: string; requestId: string; operationId: string },
    delayMs: DurationMs,
  ): Promise<void> {
    const { settings } = this.#parts.faults;
    await this.#wait(delayMs);
    let answer = await this.#attempt(post, step, body, ids.correlationId);
    if (answer.status !== null && RETRIED.includes(answer.status)) {
      await this.#wait(settings.webhooks.retryDelayMs);
      answer = await this.#attempt(post, step, body, ids.correlationId);
    }
    if (this.#end.signal.aborted) {
      post.outcome = "stopped";
      return;
    }
    const isTaken = answer.status !== null && answer.status >= 200 && answer.status < 300;
    post.outcome = isTaken ? "delivered" : "failed";
    if (!isTaken) this.#parts.log.warn({ step: step.name, ...answer }, "webhook failed");
    if (!post.isDuplicate && !(isTaken && step.autoDelete)) this.#recordOperation(post, step, ids, answer);
  }

  async #attempt(
    post: MutablePost,
    step: WebhookStep,
    body: string,
    correlationId: string,
  ): Promise<PostAnswer> {
    if (this.#end.signal.aborted) return { status: null, error: "the simulator was stopped" };
    const { clock, faults, url } = this.#parts;
    const sentAt = clock.now();
    const headers = {
      organization: new URL(url()).host,
      entity: post.entity,
      message: post.message,
      correlationId,
      isSizeExceeded: post.isSizeExceeded,
    };
    const { timeoutMs } = faults.settings.webhooks;
    const answer = await postWebhook(step.endpoint, body, headers, timeoutMs, this.#end.signal);
    post.attempts.push({ ...answer, sentAt, answeredAt: clock.now() });
    return answer;
  }

  /** A job that ended; statuscode 30 Succeeded, 31 Failed. */
  #recordOperation(
    post: WebhookPost,
    step: WebhookStep,
    ids: { correlationId: string; requestId: string; operationId: string },
    answer: PostAnswer,
  ): void {
    const isTaken = post.outcome === "delivered";
    const why = answer.status === null ? answer.error : `status code ${answer.status}`;
    const message = `The webhook call failed: ${why}.`;
    this.#parts.store.insert(T.asyncOperations, {
      asyncoperationid: ids.operationId,
      name: step.name,
      message: isTaken ? null : message,
      friendlymessage: isTaken ? null : message,
      errorcode: isTaken ? 0 : -2147220891,
      messagename: post.message,
      primaryentitytype: post.entity,
      owningextensionid: step.stepId,
      regardingobjectid: post.rowId,
      operationtype: 1,
      retrycount: post.attempts.length - 1,
      correlationid: ids.correlationId,
      requestid: ids.requestId,
      startedon: post.attempts[0]?.sentAt ?? null,
      completedon: post.attempts.at(-1)?.answeredAt ?? null,
      statecode: 3,
      statuscode: isTaken ? 30 : 31,
    });
  }

  async #wait(ms: DurationMs): Promise<void> {
    if (ms <= 0) return;
    await sleep(ms, undefined, { signal: this.#end.signal }).catch((error: unknown) => {
      if (!this.#end.signal.aborted) throw error;
    });
  }
}
