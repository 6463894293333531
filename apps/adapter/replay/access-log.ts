import type { Request, Response } from "express";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AuditNote } from "../store/audit-entry.ts";
import type { AuditStore } from "../store/audit-store.ts";
import { addressOf, permitOf } from "./access.ts";

/** A player asks for a file many times, a program for an interaction until it is there: that is one view. */
const ONE_VIEW_FOR_MS = 10 * 60_000;
/** So many views are remembered; more are noted once more often. */
const REMEMBERED_MOST = 10_000;

/** What a page shows beside the media is part of seeing the interaction: a page asks for up to seven sheets a screen. */
const PART_OF_A_VIEW = /^(peaks\.json|thumbnails[-.].*)$/;

/** Notes in the audit who sees or takes what, before it is given. */
export class AccessLog {
  readonly #audit: Pick<AuditStore, "note">;
  readonly #clock: Clock;
  /** When each view was noted last, by steady time. */
  readonly #views = new Map<string, number>();

  constructor(audit: Pick<AuditStore, "note">, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  /** @param what - a file's name; empty: the interaction's manifest, which a page opens first. */
  noteView(request: Request, response: Response, interactionId: string, what: string): void {
    const seen = PART_OF_A_VIEW.test(what) ? "" : what;
    const access = this.#access("viewed", request, response, interactionId, seen);
    const view = [access.who, interactionId.toLowerCase(), access.detail].join("\n");
    const now = performance.now();
    const notedAt = this.#views.get(view);
    if (notedAt !== undefined && now - notedAt < ONE_VIEW_FOR_MS) return;
    this.#audit.note(access);
    this.#views.delete(view);
    this.#views.set(view, now);
    const [oldest] = this.#views.keys();
    if (this.#views.size > REMEMBERED_MOST && oldest !== undefined) this.#views.delete(oldest);
  }

  noteExport(request: Request, response: Response, interactionId: string): void {
    this.#audit.note(this.#access("exported", request, response, interactionId, ""));
  }

  #access(
    action: "viewed" | "exported",
    request: Request,
    response: Response,
    interactionId: string,
    what: string,
  ): AuditNote {
    const from = `from ${addressOf(request)}`;
    return {
      at: this.#clock.now(),
      who: permitOf(response).identity.name,
      action,
      interactionId: interactionId.toLowerCase(),
      detail: what === "" ? from : `${what} ${from}`,
      sequence: null,
    };
  }
}
