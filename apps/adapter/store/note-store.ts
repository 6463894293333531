import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "./database.ts";

/** What somebody said about a moment of an interaction. */
export interface Note {
  id: string;
  interactionId: string;
  /** On the interaction's timeline. */
  atMs: DurationMs;
  text: string;
  tags: string[];
  /** Who said it: the subject of an identity, and the name then. */
  author: string;
  authorName: string;
  madeAt: EpochMs;
  /** Null: never. */
  changedAt: EpochMs | null;
}

type NoteRow = Omit<Note, "tags"> & { tags: string };

const COLUMNS = `id, interaction_id AS interactionId, at_ms AS atMs, text, tags, author, author_name AS authorName,
  made_at AS madeAt, changed_at AS changedAt`;

/** Comments, until somebody removes them or the interaction is deleted. */
export class NoteStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  /** In the order of the timeline. */
  listOf(interactionId: string): Note[] {
    return this.#database
      .prepare<[string], NoteRow>(`SELECT ${COLUMNS} FROM notes WHERE interaction_id = ? ORDER BY at_ms, id`)
      .all(interactionId)
      .map(fromRow);
  }

  get(interactionId: string, id: string): Note | null {
    const row = this.#database
      .prepare<[string, string], NoteRow>(`SELECT ${COLUMNS} FROM notes WHERE interaction_id = ? AND id = ?`)
      .get(interactionId, id);
    return row === undefined ? null : fromRow(row);
  }

  /** Adds it, or puts it in the place of the one with its id. */
  put(note: Note): void {
    const { madeAt, changedAt, tags } = note;
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO notes
         VALUES (@id, @interactionId, @atMs, @text, @tags, @author, @authorName, @madeAt, @changedAt)`,
      )
      .run({
        ...note,
        tags: JSON.stringify(tags),
        madeAt: Math.round(madeAt),
        changedAt: changedAt === null ? null : Math.round(changedAt),
      });
  }

  remove(id: string): void {
    this.#database.prepare("DELETE FROM notes WHERE id = ?").run(id);
  }
}

function fromRow(row: NoteRow): Note {
  return { ...row, tags: JSON.parse(row.tags) as string[] };
}
