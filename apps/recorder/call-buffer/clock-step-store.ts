import type { ClockStep } from "#shared/time/wall-clock.ts";
import type { Catalogue } from "./database.ts";

/** A clock that is set again and again must not fill the disk. */
const MAX_STEPS = 10_000;

/** When the recorder's own clock was set, and by how much. */
export class ClockStepStore {
  readonly #insert;
  readonly #forget;
  readonly #newest;

  constructor(catalogue: Catalogue) {
    this.#insert = catalogue.prepare("INSERT INTO clock_steps (at, step_ms) VALUES (@at, @stepMs)");
    this.#forget = catalogue.prepare<[number | bigint]>("DELETE FROM clock_steps WHERE id <= ?");
    this.#newest = catalogue.prepare<[number], ClockStep>(
      'SELECT at, step_ms AS "stepMs" FROM clock_steps ORDER BY id DESC LIMIT ?',
    );
  }

  /** The oldest ones are forgotten when there are very many. */
  add(step: ClockStep): void {
    const { lastInsertRowid } = this.#insert.run(step);
    this.#forget.run(Number(lastInsertRowid) - MAX_STEPS);
  }

  /** In the order in which they came, the newest last. */
  newest(count: number): ClockStep[] {
    return this.#newest.all(count).reverse();
  }
}
