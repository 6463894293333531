import { z } from "zod";
import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { AccessTokenSource } from "./access-token.ts";
import { clockOffsetMs } from "./clock-offset.ts";
import { DataverseError, readRefusal } from "./dataverse-error.ts";
import { noAnswer } from "./no-answer.ts";
import { RequestGate } from "./request-gate.ts";

const REQUEST_TIMEOUT_MS = 60_000;
/** Rows per page; Dataverse's own limit is 5000. */
const PAGE_SIZE = 500;

const pageSchema = z.object({
  value: z.array(z.unknown()),
  "@odata.nextLink": z.string().optional(),
  "@odata.deltaLink": z.string().optional(),
});

/** In a list of changes: a row that is gone. */
const deletedSchema = z.object({ id: z.string(), reason: z.string() });

/** `OData-EntityId: https://…/serviceendpoints(00aa00aa-bb11-cc22-dd33-44ee44ee44ee)` */
const CREATED_ID = /\(([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\)$/i;

const READ_HEADERS = { "If-None-Match": "null", Prefer: `odata.maxpagesize=${PAGE_SIZE}` };
const TRACK_HEADERS = { ...READ_HEADERS, Prefer: `odata.track-changes,${READ_HEADERS.Prefer}` };
const WRITE_HEADERS = { "Content-Type": "application/json; charset=utf-8" };

export interface DataverseClientOptions {
  /**
   * How long one request may wait, in total, through pauses that the environment asks for (`Retry-After` of 429 and 503).
   * The default 0 is for loops, which pause as a whole: see `askedPauseMs`.
   */
  patienceMs?: DurationMs;
}

/** A set's rows, and when they were read. */
export interface DatedRows<Row> {
  rows: Row[];
  /**
   * By the environment's clock (its `Date`), not later than when the first page was asked for: what was written before is
   * in the rows.
   */
  readAt: EpochMs;
}

/** A page of a table's changes. */
export interface ChangedRows<Row> {
  rows: Row[];
  deletedIds: string[];
  /** Where to ask for what changes after this; on the last page only. */
  deltaLink: string | null;
}

interface Answer {
  json: unknown;
  readAt: EpochMs | null;
}

interface WebApiRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  url: string;
  headers?: Record<string, string>;
  body?: object;
  /** Its signal alone ends it: a file takes as long as it takes. */
  isUntimed?: true;
}

/**
 * Reads and writes a Dataverse environment by its Web API v9.2; every failure is a {@link DataverseError}. A refused token
 * is renewed once. While the environment asks for a pause no request is sent: it waits as long as the client's patience
 * lasts, else fails with what is left of the pause in `retryAfterMs`. A request without an answer is never repeated here.
 */
export class DataverseClient {
  /** Of the Web API, without a slash at the end. */
  readonly base: string;
  readonly #tokens: AccessTokenSource;
  readonly #gate: RequestGate;
  readonly #clock: Clock;
  #clockOffsetMs: DurationMs | null = null;

  constructor(config: DynamicsConfig, clock: Clock, { patienceMs = 0 }: DataverseClientOptions = {}) {
    this.base = `${config.url.replace(/\/+$/, "")}/api/data/v9.2`;
    this.#tokens = new AccessTokenSource(config);
    this.#gate = new RequestGate(patienceMs);
    this.#clock = clock;
  }

  /** How far the environment's clock was ahead of ours at its last answer; null before the first. See {@link clockOffsetMs}. */
  get clockOffsetMs(): DurationMs | null {
    return this.#clockOffsetMs;
  }

  /**
   * One row or a function's result.
   *
   * @param path - relative to {@link base}, values encoded.
   */
  async read<Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    const { json } = await this.#get(`${this.base}/${path}`, signal);
    return this.#parse(path, schema, json);
  }

  /** A set's rows, page by page; next links are followed as they are, with the same preferences. */
  async *readPages<Schema extends z.ZodType>(
    path: string,
    rowSchema: Schema,
    signal: AbortSignal,
  ): AsyncGenerator<z.output<Schema>[]> {
    for await (const { rows } of this.#readPages(path, rowSchema, signal)) yield rows;
  }

  /** All rows of a set that is known to be short. */
  async readAll<Schema extends z.ZodType>(
    path: string,
    rowSchema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>[]> {
    const rows: z.output<Schema>[] = [];
    for await (const page of this.readPages(path, rowSchema, signal)) rows.push(...page);
    return rows;
  }

  /** The same, for whoever has to know as of when the rows are complete. */
  async readAllDated<Schema extends z.ZodType>(
    path: string,
    rowSchema: Schema,
    signal: AbortSignal,
  ): Promise<DatedRows<z.output<Schema>>> {
    const rows: z.output<Schema>[] = [];
    let readAt: EpochMs | null = null;
    for await (const page of this.#readPages(path, rowSchema, signal)) {
      rows.push(...page.rows);
      readAt ??= page.readAt;
    }
    if (readAt !== null) return { rows, readAt };
    const message = `${path.split("?")[0]} was answered without a Date header; does a proxy remove it?`;
    throw new DataverseError("BAD_ANSWER", message, { status: 200 });
  }

  /**
   * The changes of a table that tracks them (Microsoft, "Use change tracking to synchronize data").
   *
   * @param from - a set with `$select` and no other option: all its rows, as a beginning; or the delta link of an earlier
   *   answer, as it is: what has changed since.
   */
  async *readChanges<Schema extends z.ZodType>(
    from: { path: string } | { deltaLink: string },
    rowSchema: Schema,
    signal: AbortSignal,
  ): AsyncGenerator<ChangedRows<z.output<Schema>>> {
    let url: string | undefined = "path" in from ? `${this.base}/${from.path}` : from.deltaLink;
    this.#requireOwn(url, "a delta link");
    while (url !== undefined) {
      const { json }: Answer = await this.#get(url, signal, TRACK_HEADERS);
      const page: z.output<typeof pageSchema> = this.#parse(url, pageSchema, json);
      const deleted = page.value.map((entry) => deletedSchema.safeParse(entry));
      const rows = page.value.filter((_, index) => deleted[index]?.success !== true);
      yield {
        rows: this.#parse(url, z.array(rowSchema), rows),
        deletedIds: deleted.flatMap(({ data }) => (data === undefined ? [] : [data.id.toLowerCase()])),
        deltaLink: page["@odata.deltaLink"] ?? null,
      };
      url = page["@odata.nextLink"];
      if (url !== undefined) this.#requireOwn(url, "the next page of changes");
    }
  }

  /**
   * What is too long to be held: the bytes of a file column, or what an action answers, as they come.
   *
   * @param asked - with `body`: an action and its parameters, which may be repeated without harm.
   * @param take - reads the answer to its end; `signal` must end it when nothing comes any more.
   */
  async readBytes<Result>(
    asked: { path: string; headers?: Record<string, string>; body?: object },
    signal: AbortSignal,
    take: (response: Response) => Promise<Result>,
  ): Promise<Result> {
    const { path, ...rest } = asked;
    const method = asked.body === undefined ? "GET" : "POST";
    return this.#do({ ...rest, method, url: `${this.base}/${path}`, isUntimed: true }, signal, take);
  }

  /** Has an action done, one that may be repeated without harm: it is, when its token was refused. */
  async act<Schema extends z.ZodType>(
    action: string,
    parameters: object,
    schema: Schema,
    signal: AbortSignal,
  ): Promise<z.output<Schema>> {
    const request: WebApiRequest = { method: "POST", url: `${this.base}/${action}`, body: parameters };
    const json = await this.#do(request, signal, (response) => readJson(request.url, response));
    return this.#parse(action, schema, json);
  }

  /**
   * Adds a row.
   *
   * @param row - properties as the Web API writes them, lookups as `name@odata.bind`.
   * @returns the id of the new row.
   */
  async create(set: string, row: object, signal: AbortSignal): Promise<string> {
    const request: WebApiRequest = { method: "POST", url: `${this.base}/${set}`, body: row };
    return this.#do(request, signal, async (response) => {
      await response.body?.cancel();
      const id = CREATED_ID.exec(response.headers.get("OData-EntityId") ?? "")?.[1];
      if (id !== undefined) return id.toLowerCase();
      const message = `POST ${request.url} was answered without the id of the new row`;
      throw new DataverseError("BAD_ANSWER", message, { status: response.status });
    });
  }

  /**
   * Changes properties of a row that is there; one that is not is not made.
   *
   * @param path - e.g. `serviceendpoints(ID)`
   */
  async update(path: string, changes: object, signal: AbortSignal): Promise<void> {
    const url = `${this.base}/${path}`;
    const request: WebApiRequest = { method: "PATCH", url, headers: { "If-Match": "*" }, body: changes };
    await this.#do(request, signal, async (response) => response.body?.cancel());
  }

  /** @returns false when the row was not there. */
  async remove(path: string, signal: AbortSignal): Promise<boolean> {
    try {
      const request: WebApiRequest = { method: "DELETE", url: `${this.base}/${path}` };
      await this.#do(request, signal, async (response) => response.body?.cancel());
      return true;
    } catch (error) {
      if (error instanceof DataverseError && error.status === 404) return false;
      throw error;
    }
  }

  async *#readPages<Schema extends z.ZodType>(
    path: string,
    rowSchema: Schema,
    signal: AbortSignal,
  ): AsyncGenerator<{ rows: z.output<Schema>[]; readAt: EpochMs | null }> {
    let url: string | undefined = `${this.base}/${path}`;
    while (url !== undefined) {
      const { json, readAt }: Answer = await this.#get(url, signal);
      const page: z.output<typeof pageSchema> = this.#parse(path, pageSchema, json);
      yield { rows: this.#parse(path, z.array(rowSchema), page.value), readAt };
      url = page["@odata.nextLink"];
      if (url !== undefined) this.#requireOwn(url, `the next page of ${path}`);
    }
  }

  /** The token goes to wherever a link points; it must be the environment. */
  #requireOwn(url: string, what: string): void {
    if (URL.parse(url)?.origin === new URL(this.base).origin) return;
    throw new DataverseError("BAD_ANSWER", `${what} is at another host`, { status: 200 });
  }

  #get(url: string, signal: AbortSignal, headers: Record<string, string> = READ_HEADERS): Promise<Answer> {
    return this.#do({ method: "GET", url, headers }, signal, async (response, tookMs) => {
      const date = Date.parse(response.headers.get("Date") ?? "");
      const readAt = Number.isNaN(date) ? null : date - Math.ceil(tookMs);
      return { json: await readJson(url, response), readAt };
    });
  }

  /**
   * @param take - reads the answer to its end, while the request still has its place; is told how long the answer's head
   *   took.
   */
  #do<Result>(
    request: WebApiRequest,
    signal: AbortSignal,
    take: (response: Response, tookMs: DurationMs) => Promise<Result>,
  ): Promise<Result> {
    return this.#gate.run(signal, async () => {
      const token = await this.#tokens.get(signal);
      let sentAt = performance.now();
      let response = await this.#send(request, token, signal);
      if (response.status === 401) {
        await response.body?.cancel();
        this.#tokens.invalidate(token);
        const renewed = await this.#tokens.get(signal);
        sentAt = performance.now();
        response = await this.#send(request, renewed, signal);
      }
      const tookMs = performance.now() - sentAt;
      if (!response.ok) throw await readRefusal(`${request.method} ${request.url.split("?")[0]}`, response);
      return take(response, tookMs);
    });
  }

  async #send(
    { method, url, headers, body, isUntimed }: WebApiRequest,
    token: string,
    signal: AbortSignal,
  ): Promise<Response> {
    const sentAt = this.#clock.now();
    try {
      const response = await fetch(url, {
        method,
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: "application/json",
          "OData-Version": "4.0",
          "OData-MaxVersion": "4.0",
          ...(body !== undefined && WRITE_HEADERS),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: isUntimed ? signal : AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
      const asked = { sentAt, answeredAt: this.#clock.now() };
      this.#clockOffsetMs = clockOffsetMs(response.headers.get("Date"), asked) ?? this.#clockOffsetMs;
      return response;
    } catch (cause) {
      throw noAnswer(url, cause);
    }
  }

  #parse<Schema extends z.ZodType>(path: string, schema: Schema, value: unknown): z.output<Schema> {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const message = `${path.split("?")[0]} answered in an unknown form: ${z.prettifyError(parsed.error)}`;
    throw new DataverseError("BAD_ANSWER", message, { status: 200 }, { cause: parsed.error });
  }
}

async function readJson(url: string, response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    const message = `${url.split("?")[0]} broke off or is not JSON: ${describeError(cause)}`;
    throw new DataverseError("BAD_ANSWER", message, { status: response.status }, { cause });
  }
}
