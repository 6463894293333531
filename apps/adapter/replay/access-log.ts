import type { Request, Response } from "express";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AuditNote } from "../store/audit-entry.ts";
import type { AuditStore } from "../store/audit-store.ts";
import { POSTER_FILE } from "../archive/catalogue.ts";
import { addressOf, permitOf } from "./access.ts";

/** A player asks for a file many times, a program for an interaction until it is there: that is one view. */
const ONE_VIEW_FOR_MS = 10 * 60_000;
/** So many views are remembered; more are noted once more often. */
const REMEMBERED_MOST = 10_000;

/** What a page shows beside the media is part of seeing the interaction: a page asks for up to seven sheets a screen. */
const PART_OF_A_VIEW = /^((peaks|pictures)\.json|thumbnails[-.].*)$/;

/** Of a list's pictures the first is noted, the 100th, the 1000th …: who leafs through very many stands out. */
const NOTED_PICTURES = /^1(00+)?$/;

/** Notes in the audit who sees or takes what, before it is given. */
export class AccessLog {
  readonly #audit: Pick<AuditStore, "note">;
  readonly #clock: Clock;
  /** When each view was noted, or watching went on, by steady time. */
  readonly #views = new Map<string, number>();
  /** Whose lists have shown pictures of which interactions, and since when, by steady time. */
  readonly #lists = new Map<string, { since: number; interactions: Set<string> }>();

  constructor(audit: Pick<AuditStore, "note">, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  /** @param what - a file's name; empty: the interaction's manifest, which a page opens first. */
  noteView(request: Request, response: Response, interactionId: string, what: string): void {
    if (what === POSTER_FILE) {
      this.#noteListed(request, response, interactionId);
      return;
    }
    const seen = PART_OF_A_VIEW.test(what) ? "" : what;
    const access = this.#access("viewed", request, response, interactionId, seen);
    const view = [access.who, interactionId.toLowerCase(), access.detail].join("\n");
    if (this.#isRecent(view)) return;
    this.#audit.note(access);
    this.#remember(view);
  }

  /**
   * Notes that somebody watches what happens now. A page asks every few seconds: all of that is one view, however long it
   * lasts.
   *
   * @param opening - which opening of a page it is; empty: a program's.
   */
  noteLive(request: Request, response: Response, opening: string): void {
    const access = this.#access("viewed", request, response, null, "live");
    const view = [access.who, "live", opening, access.detail].join("\n");
    if (!this.#isRecent(view)) this.#audit.note(access);
    this.#remember(view);
  }

  /**
   * The picture that a list has beside an interaction. Whoever scrolls has not viewed each of them, but their screens
   * were shown: that is one entry for the first, and one more where they become many.
   */
  #noteListed(request: Request, response: Response, interactionId: string): void {
    const access = this.#access("listed", request, response, interactionId, "");
    const key = `${access.who}\n${access.detail}`;
    const now = performance.now();
    const known = this.#lists.get(key);
    const goesOn =
      known !== undefined && now - known.since < ONE_VIEW_FOR_MS && known.interactions.size < REMEMBERED_MOST;
    const list = goesOn ? known : { since: now, interactions: new Set<string>() };
    if (list.interactions.has(interactionId.toLowerCase())) return;
    const count = list.interactions.size + 1;
    if (NOTED_PICTURES.test(String(count))) {
      const pictures = count === 1 ? "pictures of interactions" : `pictures of ${count} interactions by now`;
      this.#audit.note({ ...access, interactionId: null, detail: `${pictures}, ${access.detail}` });
    }
    list.interactions.add(interactionId.toLowerCase());
    this.#lists.delete(key);
    this.#lists.set(key, list);
    for (const [other, { since }] of this.#lists)
      if (now - since >= ONE_VIEW_FOR_MS) this.#lists.delete(other);
  }

  noteExport(request: Request, response: Response, interactionId: string): void {
    this.#audit.note(this.#access("exported", request, response, interactionId, ""));
  }

  #isRecent(view: string): boolean {
    const seenAt = this.#views.get(view);
    return seenAt !== undefined && performance.now() - seenAt < ONE_VIEW_FOR_MS;
  }

  #remember(view: string): void {
    this.#views.delete(view);
    this.#views.set(view, performance.now());
    const [oldest] = this.#views.keys();
    if (this.#views.size > REMEMBERED_MOST && oldest !== undefined) this.#views.delete(oldest);
  }

  #access(
    action: "viewed" | "listed" | "exported",
    request: Request,
    response: Response,
    interactionId: string | null,
    what: string,
  ): AuditNote {
    const from = `from ${addressOf(request)}`;
    return {
      at: this.#clock.now(),
      who: permitOf(response).identity.name,
      action,
      interactionId: interactionId?.toLowerCase() ?? null,
      detail: what === "" ? from : `${what} ${from}`,
      sequence: null,
    };
  }
}
