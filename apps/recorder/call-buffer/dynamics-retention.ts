import type { EpochMs } from "#shared/time/units.ts";
import type { Catalogue } from "./database.ts";

/** Deletes, bit by bit, what of Dynamics is not needed any more. */
export class DynamicsRetention {
  readonly #catalogue: Catalogue;
  readonly #closed;
  readonly #ofConversation;
  readonly #untouch;
  readonly #placeless;
  readonly #changes;
  readonly #posts;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    this.#closed = catalogue
      .prepare<[EpochMs, number], string>(
        "SELECT id FROM dynamics_rows WHERE kind = 'conversation' AND happened_at < ? ORDER BY happened_at LIMIT ?",
      )
      .pluck();
    this.#ofConversation = catalogue.prepare("DELETE FROM dynamics_rows WHERE conversation_id = ?");
    this.#untouch = catalogue.prepare("DELETE FROM dynamics_touched WHERE kind = 'conversation' AND id = ?");
    this.#placeless = catalogue.prepare(
      `DELETE FROM dynamics_rows WHERE (kind, id) IN (
         SELECT kind, id FROM dynamics_rows
         WHERE session_id IS NOT NULL AND conversation_id IS NULL AND seen_at < ? LIMIT ?)`,
    );
    // The newest of each agent stays: without it the next one is not known to be a change.
    this.#changes = catalogue.prepare(
      `DELETE FROM dynamics_rows WHERE (kind, id) IN (
         SELECT kind, id FROM dynamics_rows AS old
         WHERE kind IN ('presence-change', 'agent-status-history') AND happened_at < ?
           AND EXISTS (SELECT 1 FROM dynamics_rows AS newer
             WHERE newer.user_id = old.user_id AND newer.kind = old.kind AND newer.happened_at > old.happened_at)
         LIMIT ?)`,
    );
    this.#posts = catalogue.prepare(
      `DELETE FROM webhook_posts WHERE id IN
         (SELECT id FROM webhook_posts WHERE state = ? AND received_at < ? LIMIT ?)`,
    );
  }

  /**
   * Deletes the rows of some conversations that were closed before, rows that belong to no conversation, and changes of
   * presence from before.
   *
   * @param atMost - conversations, and rows of each other sort.
   * @returns how many rows; 0: nothing is left to be deleted.
   */
  deleteRows(before: EpochMs, atMost: number): number {
    return this.#catalogue.transaction(() => {
      let rows = 0;
      for (const id of this.#closed.all(before, atMost)) {
        rows += this.#ofConversation.run(id).changes;
        this.#untouch.run(id);
      }
      rows += this.#placeless.run(before, atMost).changes;
      return rows + this.#changes.run(before, atMost).changes;
    })();
  }

  /** Deletes some posts of a state that came in before; returns how many. */
  deletePosts(state: "mapped" | "refused", before: EpochMs, atMost: number): number {
    return this.#posts.run(state, before, atMost).changes;
  }
}
