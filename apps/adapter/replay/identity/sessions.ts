import { randomBytes } from "node:crypto";
import type { Request, Response } from "express";
import { tokenHash } from "#shared/http/guards.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Session, SessionStore } from "../../store/session-store.ts";

const SESSION_COOKIE = "deskreel_session";
/** A working day and a bit; then the person signs in again. */
const SESSION_LASTS_MS = 12 * 60 * 60_000;
/** A browser that was left alone for so long is nobody's any more. What a player loads counts as use. */
const IDLE_MOST_MS = 2 * 60 * 60_000;
/** What a page asks for by itself while nobody is at it carries this, and is no use of the session. */
const UNATTENDED = "deskreel-unattended";
/** A use is noted so often, so that not every picture of a page is a write. */
const NOTED_EVERY_MS = 60_000;
const ATTRIBUTES = "Path=/; HttpOnly; SameSite=Strict";

/** Who is signed in where: a random id in the browser's cookie, and its hash in the database. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #clock: Clock;

  constructor(store: SessionStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Begins a session with a new id, and ends the one that the browser came with. */
  begin(request: Request, response: Response, subject: string, boundTo: string): void {
    const now = this.#clock.now();
    const before = readCookie(request.headers.cookie, SESSION_COOKIE);
    if (before !== null) this.#store.end(tokenHash(before));
    this.#store.removeOver(now, SESSION_LASTS_MS, IDLE_MOST_MS);
    const id = randomBytes(32).toString("base64url");
    this.#store.add(tokenHash(id), { subject, boundTo, madeAt: now, seenAt: now });
    this.#setCookie(response, id, SESSION_LASTS_MS / 1_000);
  }

  /** The request's session, if it is not over. */
  read(request: Request): Session | null {
    const id = readCookie(request.headers.cookie, SESSION_COOKIE);
    if (id === null) return null;
    const hash = tokenHash(id);
    const session = this.#store.get(hash);
    if (session === null) return null;
    const now = this.#clock.now();
    if (now - session.madeAt >= SESSION_LASTS_MS || now - session.seenAt >= IDLE_MOST_MS) {
      this.#store.end(hash);
      return null;
    }
    const isUse = request.headers[UNATTENDED] === undefined;
    if (isUse && now - session.seenAt >= NOTED_EVERY_MS) this.#store.touch(hash, now);
    return session;
  }

  /** Ends the request's session, here and in the browser. */
  end(request: Request, response: Response): void {
    const id = readCookie(request.headers.cookie, SESSION_COOKIE);
    if (id !== null) this.#store.end(tokenHash(id));
    this.#setCookie(response, "", 0);
  }

  /** Ends the person's sessions everywhere. */
  endAllOf(subject: string): void {
    this.#store.endAllOf(subject);
  }

  #setCookie(response: Response, value: string, maxAgeS: number): void {
    const secure = response.req.secure ? "; Secure" : "";
    response.append("Set-Cookie", `${SESSION_COOKIE}=${value}; ${ATTRIBUTES}; Max-Age=${maxAgeS}${secure}`);
  }
}

/** The value of one cookie of a `Cookie` header (RFC 6265), or null. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? "").split(";")) {
    const [key, ...value] = pair.split("=");
    if (key?.trim() === name) return value.join("=").trim();
  }
  return null;
}
