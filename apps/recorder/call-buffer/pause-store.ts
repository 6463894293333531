import type { EpochMs } from "#shared/time/units.ts";
import type { Pause } from "../domain/coverage.ts";
import type { Catalogue } from "./database.ts";

/** A pause that lasts. */
export interface LastingPause {
  agent: string;
  from: EpochMs;
  /** When it ends by itself. */
  endsBy: EpochMs;
  /** Why, in the words of whoever asked for it. */
  reason: string;
  /** The scope that asked for it. */
  by: string;
}

interface PauseRow {
  agent: string;
  from_at: EpochMs;
  to_at: EpochMs | null;
  ends_by: EpochMs;
  reason: string;
  by: string;
  ended_by: string | null;
}

/** When agents were not to be captured, and who said so. */
export class PauseStore {
  readonly #insert;
  readonly #lasting;
  readonly #lastingOf;
  readonly #end;
  readonly #endDue;
  readonly #nextDue;
  readonly #between;

  constructor(catalogue: Catalogue) {
    this.#insert = catalogue.prepare(
      `INSERT INTO pauses (agent, from_at, ends_by, reason, by) VALUES (@agent, @from, @endsBy, @reason, @by)`,
    );
    this.#lasting = catalogue.prepare<[], PauseRow>(
      "SELECT * FROM pauses INDEXED BY pauses_open WHERE to_at IS NULL ORDER BY id",
    );
    this.#lastingOf = catalogue.prepare<[string], PauseRow>(
      "SELECT * FROM pauses WHERE agent = ? AND to_at IS NULL ORDER BY ends_by DESC, id LIMIT 1",
    );
    this.#end = catalogue.prepare(
      "UPDATE pauses SET to_at = max(?, from_at), ended_by = ? WHERE agent = ? AND to_at IS NULL",
    );
    this.#endDue = catalogue.prepare<[EpochMs], { agent: string }>(
      `UPDATE pauses SET to_at = ends_by, ended_by = 'max-pause' WHERE to_at IS NULL AND ends_by <= ? RETURNING agent`,
    );
    this.#nextDue = catalogue.prepare<[], { at: EpochMs | null }>(
      "SELECT min(ends_by) AS at FROM pauses WHERE to_at IS NULL",
    );
    this.#between = catalogue.prepare<[string, EpochMs, EpochMs], PauseRow>(
      `SELECT * FROM pauses WHERE agent = ? AND from_at < ? AND (to_at IS NULL OR to_at > ?) ORDER BY from_at, id`,
    );
  }

  begin({ agent, from, endsBy, reason, by }: LastingPause): void {
    this.#insert.run({ agent, from, endsBy, reason, by });
  }

  /** Every pause that lasts. */
  lasting(): LastingPause[] {
    return this.#lasting.all().map(toLasting);
  }

  /** The agent's pause that lasts (longest, if merging agents has left two); null: none. */
  lastingOf(agent: string): LastingPause | null {
    const row = this.#lastingOf.get(agent);
    return row === undefined ? null : toLasting(row);
  }

  /** Without effect when none lasts. */
  end(agent: string, to: EpochMs, endedBy: string): void {
    this.#end.run(to, endedBy, agent);
  }

  /** Ends what has lasted as long as it may, at the time that it was to. @returns whose pauses these were. */
  endDue(now: EpochMs): string[] {
    return this.#endDue.all(now).map(({ agent }) => agent);
  }

  nextDueAt(): EpochMs | null {
    return this.#nextDue.get()?.at ?? null;
  }

  /** The agent's pauses in a time; `to` null: until now. */
  between(agent: string, from: EpochMs, to: EpochMs | null): Pause[] {
    return this.#between.all(agent, to ?? Number.MAX_VALUE, from).map((row) => ({
      from: row.from_at,
      to: row.to_at,
      by: row.by,
      source: row.reason,
      isOverdue: row.ended_by === "max-pause",
    }));
  }
}

function toLasting(row: PauseRow): LastingPause {
  return { agent: row.agent, from: row.from_at, endsBy: row.ends_by, reason: row.reason, by: row.by };
}
