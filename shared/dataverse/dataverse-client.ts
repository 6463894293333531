import { z } from "zod";
import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { AccessTokenSource } from "./access-token.ts";
import { DataverseError, readRefusal } from "./dataverse-error.ts";

const REQUEST_TIMEOUT_MS = 60_000;
/** Rows per page; Dataverse's own limit is 5000. */
const PAGE_SIZE = 500;

const pageSchema = z.object({
  value: z.array(z.unknown()),
  "@odata.nextLink": z.string().optional(),
});

/** Reads a Dataverse environment's Web API v9.2; every failure is a {@link DataverseError}. */
export class DataverseClient {
  /** Of the Web API, without a slash at the end. */
  readonly base: string;
  readonly #tokens: AccessTokenSource;

  constructor(config: DynamicsConfig, clock: Clock) {
    this.base = `${config.url.replace(/\/+$/, "")}/api/data/v9.2`;
    this.#tokens = new AccessTokenSource(config, clock);
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
    return this.#parse(path, schema, await this.#get(`${this.base}/${path}`, signal));
  }

  /** A set's rows, page by page; next links are followed as they are, with the same preferences. */
  async *readPages<Schema extends z.ZodType>(
    path: string,
    rowSchema: Schema,
    signal: AbortSignal,
  ): AsyncGenerator<z.output<Schema>[]> {
    let url: string | undefined = `${this.base}/${path}`;
    while (url !== undefined) {
      const page: z.output<typeof pageSchema> = this.#parse(path, pageSchema, await this.#get(url, signal));
      yield this.#parse(path, z.array(rowSchema), page.value);
      url = page["@odata.nextLink"];
      // The token goes to wherever the link points; it must be the environment.
      if (url !== undefined && new URL(url).origin !== new URL(this.base).origin) {
        throw new DataverseError("BAD_ANSWER", `the next page of ${path} is at another host`, {
          status: 200,
        });
      }
    }
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

  async #get(url: string, signal: AbortSignal): Promise<unknown> {
    const token = await this.#tokens.get(signal);
    let response = await this.#send(url, token, signal);
    if (response.status === 401) {
      await response.body?.cancel();
      this.#tokens.invalidate(token);
      response = await this.#send(url, await this.#tokens.get(signal), signal);
    }
    if (!response.ok) throw await readRefusal(`GET ${url.split("?")[0]}`, response);
    try {
      return await response.json();
    } catch (cause) {
      const message = `${url.split("?")[0]} broke off or is not JSON: ${describeError(cause)}`;
      throw new DataverseError("BAD_ANSWER", message, { status: response.status }, { cause });
    }
  }

  async #send(url: string, token: string, signal: AbortSignal): Promise<Response> {
    try {
      return await fetch(url, {
        headers: {
          Authorization: `Bearer ${token}`,
          Accept: "application/json",
          "OData-Version": "4.0",
          "OData-MaxVersion": "4.0",
          "If-None-Match": "null",
          Prefer: `odata.maxpagesize=${PAGE_SIZE}`,
        },
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]),
      });
    } catch (cause) {
      const message = `${url.split("?")[0]} did not answer`;
      throw new DataverseError("NO_ANSWER", message, { status: null }, { cause });
    }
  }

  #parse<Schema extends z.ZodType>(path: string, schema: Schema, value: unknown): z.output<Schema> {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const message = `${path.split("?")[0]} answered in an unknown form: ${z.prettifyError(parsed.error)}`;
    throw new DataverseError("BAD_ANSWER", message, { status: 200 }, { cause: parsed.error });
  }
}
