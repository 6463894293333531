import type { DurationMs } from "#shared/time/units.ts";
import type { FaultSettingsInput } from "../dynamics/faults/fault-settings.ts";
import { seededRandom } from "../dynamics/faults/seeded-random.ts";
import { dayOfSeed, type RandomDay } from "../dynamics/script/random/random-day.ts";

/** What a soak is made of; the same seed gives the same calls, faults and kills. */
export interface ChaosOptions {
  readonly seed: number;
  readonly calls: number;
  readonly kills: number;
}

/** What goes on in a soak, and what goes wrong. */
export interface ChaosPlan {
  readonly day: RandomDay;
  /** From the first call's beginning to the last step. */
  readonly durationMs: DurationMs;
  /** When the recorder is killed, counted like that; in order. */
  readonly killsAtMs: readonly DurationMs[];
  readonly faults: FaultSettingsInput;
  /** Makes the ids of conversations and rows. */
  readonly newId: () => string;
}

/** The longest stretch between two deeds of a call, and between the beginnings of two: time is compressed. */
const LONGEST_S = 2;
const CALLS_PER_AGENT = 6;
const AGENTS_MIN = 10;

/** Different numbers for different things, so that one more kill does not change the ids. */
const KILLS_SALT = 0x1f83d9ab;
const IDS_SALT = 0x5be0cd19;

export function planChaos({ seed, calls, kills }: ChaosOptions): ChaosPlan {
  const day = dayOfSeed(seed, {
    agents: Math.max(AGENTS_MIN, Math.ceil(calls / CALLS_PER_AGENT)),
    calls: { min: calls, max: calls },
    longestS: LONGEST_S,
  });
  const durationMs = Math.max(
    ...day.flatMap(({ afterMs, script }) => script.steps.map(({ atMs }) => afterMs + atMs)),
  );
  const random = seededRandom(seed ^ KILLS_SALT);
  const killsAtMs = Array.from({ length: kills }, () => Math.round(random() * durationMs));
  return {
    day,
    durationMs,
    killsAtMs: killsAtMs.sort((left, right) => left - right),
    faults: faultsOf(seed),
    newId: seededIds(seed),
  };
}

/** Of every sort that Dynamics knows: a tenth of the webhooks never comes, about one in nine requests fails. */
function faultsOf(seed: number): FaultSettingsInput {
  return {
    seed,
    webhooks: {
      loss: 0.1,
      duplicate: 0.1,
      delayMs: [0, 3_000],
      reorder: 0.1,
      reorderMs: 2_000,
      sizeExceeded: 0.05,
    },
    webApi: [
      { fault: "too-many-requests", share: 0.02, retryAfterS: 1 },
      { fault: "too-much-time", share: 0.02, retryAfterS: 2 },
      { fault: "too-many-at-once", share: 0.02, retryAfterS: 1 },
      { fault: "expired", share: 0.02 },
      { fault: "unavailable", share: 0.02, retryAfterS: 1 },
      { fault: "slow", share: 0.03, delayMs: 2_000 },
      { fault: "torn", share: 0.02 },
    ],
    token: [
      { fault: "unavailable", share: 0.1, retryAfterS: 1 },
      { fault: "slow", share: 0.1, delayMs: 2_000 },
      { fault: "torn", share: 0.1 },
    ],
  };
}

/** Random ids (of version 4), the same ones for the same seed. */
function seededIds(seed: number): () => string {
  const random = seededRandom(seed ^ IDS_SALT);
  const hex = (digits: number) =>
    Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join("");
  return () => `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
}
