import type { Budgets, CapturePolicy, DesktopFigures } from "#shared/protocol/messages.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { type BudgetControl, controlBudget, NEW_CONTROL } from "../domain/budget-controller.ts";
import { budgetLadder, type SendLimits } from "../domain/budget-ladder.ts";
import type { PageStatus } from "../ipc-contract.ts";

const NO_BUDGETS: Budgets = { cpuPercent: null, uplinkKbps: null };
/** Two readings closer together than this tell nothing. */
const LEAST_INTERVAL_MS: DurationMs = 1_000;

export interface BudgetKeeperOptions {
  /** A steady clock. */
  now: () => DurationMs;
  /** What all our processes have taken of the processors since the start. */
  processorMs: () => DurationMs;
  /** No monitor is to be sent with more from now on. */
  limit: (limits: SendLimits) => void;
  log: Log;
}

interface Reading {
  at: DurationMs;
  processorMs: DurationMs;
}

/** Measures what the app takes of its PC while it captures, and lowers frame rate and bitrate until the budgets are kept. */
export class BudgetKeeper {
  readonly #options: BudgetKeeperOptions;
  #ladder: SendLimits[] = [];
  #budgets = NO_BUDGETS;
  #control: BudgetControl = NEW_CONTROL;
  #reading: Reading | null = null;
  #figures: DesktopFigures | null = null;

  constructor(options: BudgetKeeperOptions) {
    this.#options = options;
  }

  /** While capturing; null otherwise. */
  get figures(): DesktopFigures | null {
    return this.#figures;
  }

  setPolicy({ framesPerSecond, maxBitrateKbps, budgets = NO_BUDGETS }: CapturePolicy): void {
    const before = this.#limits;
    this.#ladder = budgetLadder({ framesPerSecond, maxBitrateKbps });
    this.#budgets = budgets;
    this.#control = { ...this.#control, step: Math.min(this.#control.step, this.#ladder.length - 1) };
    this.#limitUnless(before);
  }

  /** The page has begun anew, without any limits. */
  forget(): void {
    this.#control = NEW_CONTROL;
    this.#reading = null;
    this.#figures = null;
  }

  /** How the capture does now, every few seconds of a call. */
  note(status: PageStatus): void {
    if (status.monitors === 0) {
      // What was lowered stays so: the next call may be as busy, and everything comes back by itself.
      this.#reading = null;
      this.#figures = null;
      return;
    }
    const reading = { at: this.#options.now(), processorMs: this.#options.processorMs() };
    const last = this.#reading;
    if (last !== null && reading.at - last.at < LEAST_INTERVAL_MS) return;
    this.#reading = reading;
    if (last === null) return;
    const cpuPercent = Math.max(0, ((reading.processorMs - last.processorMs) / (reading.at - last.at)) * 100);
    this.#follow({ at: reading.at, cpuPercent, uplinkKbps: status.kbitPerSecond }, status);
  }

  #follow(usage: { at: DurationMs; cpuPercent: number; uplinkKbps: number }, status: PageStatus): void {
    const before = this.#limits;
    const control = controlBudget(this.#control, usage, this.#budgets, Math.max(0, this.#ladder.length - 1));
    const hasChanged = control.state !== this.#control.state || control.step !== this.#control.step;
    this.#control = control;
    this.#figures = {
      ...meanOf([...control.samples, ...(control.samples.length === 0 ? [usage] : [])]),
      framesPerSecond: status.framesPerSecond,
      budget: control.state,
    };
    if (hasChanged)
      this.#options.log.info(
        { ...this.#figures, step: control.step, ...this.#limits },
        control.state === "exceeded" ? "budget exceeded" : "budget followed",
      );
    this.#limitUnless(before);
  }

  get #limits(): SendLimits | undefined {
    return this.#ladder[this.#control.step];
  }

  #limitUnless(before: SendLimits | undefined): void {
    const limits = this.#limits;
    if (limits === undefined) return;
    const isSame =
      before?.framesPerSecond === limits.framesPerSecond && before.maxBitrateKbps === limits.maxBitrateKbps;
    if (!isSame) this.#options.limit(limits);
  }
}

/** Rounded: nobody is served by more digits. */
function meanOf(samples: readonly { cpuPercent: number; uplinkKbps: number }[]) {
  const mean = (of: (sample: { cpuPercent: number; uplinkKbps: number }) => number, digits: number) =>
    Math.round((samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length) * digits) / digits;
  return { cpuPercent: mean((sample) => sample.cpuPercent, 10), uplinkKbps: mean((s) => s.uplinkKbps, 1) };
}
