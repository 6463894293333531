import { readFile } from "node:fs/promises";
import { z } from "zod";
import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { SteadyMs } from "#shared/time/units.ts";
import { DataverseError, readRefusal } from "./dataverse-error.ts";
import { noAnswer } from "./no-answer.ts";

const TOKEN_TIMEOUT_MS = 30_000;
/** Renewed when this part of its life is over, so that no request starts with a token about to end. */
const RENEW_AT = 0.8;

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/**
 * Gets tokens by Entra's client-credentials flow for the environment's `/.default` scope and keeps one while it is fresh
 * (learn.microsoft.com, "OAuth 2.0 client credentials flow on the Microsoft identity platform").
 */
export class AccessTokenSource {
  readonly #config: DynamicsConfig;
  readonly #steady: () => SteadyMs;
  #current: { token: string; renewAt: SteadyMs } | null = null;
  /** Requests that need a token at the same time share one; it ends with the signal of the one that began it. */
  #pending: Promise<string> | null = null;

  /**
   * @param steady - what a token's life is measured by: the answer says how long it is, not when it ends, so whatever the
   *   system clock says, or is set to meanwhile, changes nothing.
   */
  constructor(config: DynamicsConfig, steady: () => SteadyMs = () => performance.now()) {
    this.#config = config;
    this.#steady = steady;
  }

  /** @throws DataverseError when the authority refuses; DeskreelError `NO_CLIENT_SECRET` when the file cannot be read. */
  async get(signal: AbortSignal): Promise<string> {
    if (this.#current !== null && this.#steady() < this.#current.renewAt) return this.#current.token;
    this.#pending ??= this.#renew(signal);
    return this.#pending;
  }

  /** The environment refused this token: the next call gets another one. */
  invalidate(token: string): void {
    if (this.#current?.token === token) this.#current = null;
  }

  async #renew(signal: AbortSignal): Promise<string> {
    try {
      this.#current = await this.#request(signal);
      return this.#current.token;
    } finally {
      this.#pending = null;
    }
  }

  async #request(signal: AbortSignal): Promise<{ token: string; renewAt: SteadyMs }> {
    const { authority, tenantId, clientId, url } = this.#config;
    const place = `${authority.replace(/\/+$/, "")}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`;
    const body = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: await this.#readSecret(),
      scope: `${url.replace(/\/+$/, "")}/.default`,
    });
    const askedAt = this.#steady();
    let response: Response;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(TOKEN_TIMEOUT_MS)]);
      response = await fetch(place, { method: "POST", body, signal: limit });
    } catch (cause) {
      throw noAnswer(place, cause);
    }
    if (!response.ok) throw await readRefusal(`POST ${place}`, response);
    const answer = answerSchema.safeParse(await response.json().catch(() => null));
    if (!answer.success) {
      const message = `${place} answered something that is no token`;
      throw new DataverseError("BAD_ANSWER", message, { status: response.status }, { cause: answer.error });
    }
    const { access_token: token, expires_in: lifeS } = answer.data;
    return { token, renewAt: askedAt + lifeS * 1_000 * RENEW_AT };
  }

  /** Read anew each time, so that a rotated secret takes effect without a restart. */
  async #readSecret(): Promise<string> {
    try {
      return (await readFile(this.#config.clientSecretFile, "utf8")).trim();
    } catch (cause) {
      const path = this.#config.clientSecretFile;
      throw new DeskreelError("NO_CLIENT_SECRET", `dynamics.clientSecretFile ${path} cannot be read`, {
        cause,
      });
    }
  }
}
