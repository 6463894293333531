import type { EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "./database.ts";

/** How far a source was read: everything changed before this instant of the source's own clock is safely stored. */
export class WatermarkStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  get(source: string): EpochMs | null {
    const row = this.#database
      .prepare<[string], { at: number }>("SELECT at FROM watermarks WHERE source = ?")
      .get(source);
    return row?.at ?? null;
  }

  /** Never moves back. */
  advance(source: string, at: EpochMs): void {
    this.#database
      .prepare(
        "INSERT INTO watermarks VALUES (?, ?) ON CONFLICT (source) DO UPDATE SET at = max(at, excluded.at)",
      )
      .run(source, Math.round(at));
  }

  /** The source's own link to what has changed since it was last read; null = there is none. */
  getDeltaLink(source: string): string | null {
    const row = this.#database
      .prepare<[string], { link: string }>("SELECT link FROM delta_links WHERE source = ?")
      .get(source);
    return row?.link ?? null;
  }

  /** @param link - null: what there was is not good any more. */
  setDeltaLink(source: string, link: string | null): void {
    if (link === null) this.#database.prepare("DELETE FROM delta_links WHERE source = ?").run(source);
    else this.#database.prepare("INSERT OR REPLACE INTO delta_links VALUES (?, ?)").run(source, link);
  }
}
