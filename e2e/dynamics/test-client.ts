import { silentLog } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { type DynamicsOptions, type DynamicsSimulator, startDynamics } from "./simulator.ts";

/** A clock that a test moves. */
export class HandClock {
  at: EpochMs;

  constructor(at: EpochMs) {
    this.at = at;
  }

  now(): EpochMs {
    return this.at;
  }
}

/** A simulator and a client with a token for it; disposing stops the simulator. */
export interface SignedIn extends AsyncDisposable {
  readonly simulator: DynamicsSimulator;
  /** A GET of the Web API by its path after `/api/data/v9.2/`, or of an absolute URL. */
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  /** Any other request of the Web API. */
  send(
    method: "POST" | "PATCH" | "DELETE" | "PUT",
    path: string,
    body?: Json,
    headers?: Record<string, string>,
  ): Promise<Answer>;
}

/** An answer read to its end; `{}` when it has no body. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: Json;
}

/** Parsed JSON, as tests look at it. */
export type Json = Record<string, unknown>;

export async function openSignedIn(options: Partial<DynamicsOptions> = {}): Promise<SignedIn> {
  const simulator = await startDynamics({ log: silentLog(), ...options });
  const { access_token: token } = (await (await requestToken(simulator)).json()) as { access_token: string };
  const ask = async (method: string, path: string, headers: Record<string, string>, body?: Json) => {
    const url = path.startsWith("http") ? path : `${simulator.url}/api/data/v9.2/${path}`;
    const response = await fetch(url, {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json; charset=utf-8" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = (text === "" ? {} : JSON.parse(text)) as Json;
    return { status: response.status, headers: response.headers, json };
  };
  return {
    simulator,
    get: (path, headers = {}) => ask("GET", path, headers),
    send: (method, path, body, headers = {}) => ask(method, path, headers, body),
    [Symbol.asyncDispose]: () => simulator[Symbol.asyncDispose](),
  };
}

/** A token request with everything right, but for what `changes` says (null = left out). */
export function requestToken(
  simulator: DynamicsSimulator,
  changes: { tenant?: string; form?: Record<string, string | null> } = {},
): Promise<Response> {
  const form = {
    grant_type: "client_credentials",
    client_id: simulator.clientId,
    client_secret: simulator.clientSecret,
    scope: `${simulator.url}/.default`,
    ...changes.form,
  };
  const fields = Object.entries(form).filter((field): field is [string, string] => field[1] !== null);
  return fetch(`${simulator.url}/${changes.tenant ?? simulator.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams(fields),
  });
}
