import type { EpochMs } from "#shared/time/units.ts";
import type { Conversation } from "../domain/interaction-facts.ts";
import type { AdapterDatabase } from "./database.ts";

/** What Dynamics said of the call sessions that the adapter holds something of. */
export class ConversationStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  /** @returns whether it says something else than before. */
  put(interactionId: string, conversation: Conversation, now: EpochMs): boolean {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO conversations VALUES (@interactionId, @closed, @now, @document)
         ON CONFLICT (interaction_id) DO UPDATE SET closed = @closed, changed_at = @now, document = @document
         WHERE excluded.document <> conversations.document`,
      )
      .run({
        interactionId,
        closed: conversation.closed ? 1 : 0,
        now: Math.round(now),
        document: JSON.stringify(conversation),
      });
    return changes > 0;
  }

  get(interactionId: string): { conversation: Conversation; changedAt: EpochMs } | null {
    const row = this.#database
      .prepare<[string], { changed_at: number; document: string }>(
        "SELECT changed_at, document FROM conversations WHERE interaction_id = ?",
      )
      .get(interactionId);
    if (row === undefined) return null;
    return { conversation: JSON.parse(row.document) as Conversation, changedAt: row.changed_at };
  }

  /**
   * Sessions of which something is here, whose end Dynamics has not reported, and that are not archived yet, as far as the
   * database knows.
   */
  listOpen(): string[] {
    return this.#database
      .prepare<[], { id: string }>(
        `SELECT DISTINCT id FROM (
           SELECT interaction_id AS id FROM recordings
           UNION SELECT interaction_id FROM audio_parts WHERE interaction_id IS NOT NULL)
         WHERE id NOT IN (SELECT interaction_id FROM conversations WHERE closed = 1)
           AND id NOT IN (SELECT interaction_id FROM jobs WHERE plan_hash IS NOT NULL)
         ORDER BY id`,
      )
      .all()
      .map((row) => row.id);
  }
}
