import type { OfflineReason } from "../agent-session.ts";

/** The forms of a counted thing that a language has, by CLDR; every language has `other`. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/**
 * All texts of the tray in one language. `{name}` stands for a fact; a text may put its facts in any order, but has to
 * have all of them.
 */
export interface Messages {
  recording: string;
  paused: string;
  /** A call by what is known of it, after {@link recording} or {@link paused} as `{state}`. */
  call: string;
  callFrom: string;
  callInQueue: string;
  callFromInQueue: string;
  captureStarting: string;
  figures: string;
  monitors: PluralForms;
  reconnecting: string;
  /** `{time}`: how long it waits at the most. */
  updateWaits: string;
  /** The connection while there is no call: after the product's name, or as a sentence of its own. */
  idle: string;
  connecting: string;
  offline: Record<OfflineReason, string>;
  /** A notification's title. */
  screenIsRecorded: string;
  whyRecorded: string;
  openLogFolder: string;
  about: string;
}
