import { TOKENS } from "./replay-rig.ts";

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The JSON of the answer. */
  json: () => Record<string, unknown>;
}

/** Somebody who asks a replay server as its pages do: by a session's cookie and from the same origin. */
export class ReplayClient {
  readonly #url: string;
  /** The session's cookie; a test may take it along or put another one in its place. */
  cookie: string | null = null;
  /** For programs. */
  readonly #token: string | null;

  constructor(url: string, token: string | null = null) {
    this.#url = url;
    this.#token = token;
  }

  static admin(url: string): ReplayClient {
    return new ReplayClient(url, TOKENS.admin);
  }

  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const sent = {
      ...(this.#token === null ? { Origin: this.#url } : { Authorization: `Bearer ${this.#token}` }),
      ...(this.cookie === null ? {} : { Cookie: this.cookie }),
      ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(this.#url + path, { method, headers: sent, redirect: "manual", ...content });
    const [pair] = (response.headers.get("set-cookie") ?? "").split(";");
    if (pair !== undefined && pair !== "") this.cookie = pair.endsWith("=") ? null : pair;
    const text = await response.text();
    return {
      ...{ status: response.status, headers: response.headers, text },
      json: () => JSON.parse(text) as Record<string, unknown>,
    };
  }

  async status(method: string, path: string, body?: unknown): Promise<number> {
    return (await this.ask(method, path, body)).status;
  }

  signIn(name: string, password: string, headers?: Record<string, string>): Promise<Answer> {
    return this.ask("POST", "/sign-in", { name, password }, headers);
  }
}

/** Where a made account's person has come to: signed in with a password of one's own. */
export const OWN_PASSWORD = "donnerstags nie vor neun";

/** Makes an account by the admin's token, and has its person sign in and choose a password. */
export async function signUp(
  url: string,
  name: string,
  facts: Record<string, unknown>,
): Promise<{ client: ReplayClient; id: string }> {
  const made = await ReplayClient.admin(url).ask("POST", "/v1/accounts", { name, ...facts });
  if (made.status !== 201) throw new Error(`account ${name} was not made: ${made.text}`);
  const { id, password } = made.json() as { id: string; password: string };
  const client = new ReplayClient(url);
  await client.signIn(name, password);
  const changed = await client.ask("POST", "/v1/account/password", {
    current: password,
    password: OWN_PASSWORD,
  });
  if (changed.status !== 204) throw new Error(`${name} has no password of its own: ${changed.text}`);
  return { client, id };
}
