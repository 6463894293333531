import type { Live, LiveCall } from "#shared/api/live.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { compareText } from "./compare-text.ts";
import { isVisible, type LiveScope } from "./permissions.ts";

/** What is known of a recorder. */
export interface RecorderState {
  /** Its host and port. */
  name: string;
  /** The newest there is; null: it has never answered. */
  answer: Live | null;
  answeredAt: EpochMs | null;
  /** Why it did not answer when it was asked last; null: it did, or it was not asked yet. */
  fault: string | null;
}

/** A call that is recorded now, or was when its recorder answered last. */
export interface LiveRow extends LiveCall {
  recorder: string;
  /** When that was known. */
  asOf: string;
  /** Its recorder has not answered since. */
  isStale: boolean;
}

export interface IdleDesktop {
  agent: string;
  device: string;
  since: string;
  displays: number;
  appVersion: string;
}

export interface RecorderLine {
  name: string;
  isReachable: boolean;
  /** When it answered last; null: never. */
  asOf: string | null;
  /** For admins: why it does not answer, its room and what waits there. */
  fault: string | null;
  space: Live["space"] | null;
  handoff: Live["handoff"] | null;
}

/** What happens now, as far as whoever asks may see it. */
export interface LiveView {
  at: string;
  /** Those that began first come first, so that none moves when others begin. */
  calls: LiveRow[];
  /** Connected, and nothing is recorded of them; `items` for admins. */
  idle: { count: number; items: IdleDesktop[] | null };
  recorders: RecorderLine[];
}

/** An answer that is older than this is what was known once. */
const FRESH_FOR_MS: DurationMs = 5_000;
/** From then on nobody is helped by what a recorder told before it fell silent. */
const KNOWN_FOR_MS: DurationMs = 15 * 60_000;

/** Brings together what the recorders tell. */
export function mergeLive(recorders: readonly RecorderState[], scope: LiveScope, now: EpochMs): LiveView {
  const known = recorders.flatMap((state) => {
    const { answer, answeredAt, name } = state;
    if (answer === null || answeredAt === null || now - answeredAt > KNOWN_FOR_MS) return [];
    return [{ name, answer, asOf: formatInstant(answeredAt), isStale: !isReachable(state, now) }];
  });
  const rows = known.flatMap(({ name, answer, asOf, isStale }) =>
    answer.calls
      .filter(({ agent }) => isVisible([agent], scope.agents))
      .map((call): LiveRow => ({ ...call, recorder: name, asOf, isStale })),
  );
  const idle = known
    .filter(({ isStale }) => !isStale)
    .flatMap(({ answer }) => answer.agents)
    .filter(({ agent }) => isVisible([agent], scope.agents))
    .flatMap(({ agent, desktops }) =>
      desktops
        .filter(({ state }) => state === "idle")
        .map(
          ({ device, since, displays, appVersion }): IdleDesktop => ({
            ...{ agent, device, since, displays, appVersion },
          }),
        ),
    )
    .toSorted(
      (left, right) => compareText(left.agent, right.agent) || compareText(left.device, right.device),
    );
  return {
    at: formatInstant(now),
    calls: oncePerCall(rows).toSorted(
      (left, right) =>
        compareText(left.startedAt, right.startedAt) || compareText(left.recordingId, right.recordingId),
    ),
    idle: { count: idle.length, items: scope.seesMachines ? idle : null },
    recorders: recorders.map((state) => describeRecorder(state, scope, now)),
  };
}

/**
 * All recorders may hear of a call, but the agent's desktop is at one of them: its row stands for all. Of two that are as
 * good, the first recorder's.
 */
function oncePerCall(rows: readonly LiveRow[]): LiveRow[] {
  const best = new Map<string, LiveRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.callSessionId, row.agent]);
    const before = best.get(key);
    if (before === undefined || worth(row) > worth(before)) best.set(key, row);
  }
  return [...best.values()];
}

function worth({ isStale, gap, screens }: LiveRow): number {
  if (isStale) return 0;
  return screens.length > 0 ? 3 : gap === null ? 2 : 1;
}

function describeRecorder(state: RecorderState, { seesMachines }: LiveScope, now: EpochMs): RecorderLine {
  const { name, answer, answeredAt, fault } = state;
  return {
    name,
    isReachable: isReachable(state, now),
    asOf: answeredAt === null ? null : formatInstant(answeredAt),
    fault: seesMachines ? fault : null,
    space: seesMachines ? (answer?.space ?? null) : null,
    handoff: seesMachines ? (answer?.handoff ?? null) : null,
  };
}

function isReachable({ answeredAt, fault }: RecorderState, now: EpochMs): boolean {
  return fault === null && answeredAt !== null && now - answeredAt <= FRESH_FOR_MS;
}
