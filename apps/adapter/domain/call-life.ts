import { type CallState, callStretches } from "#shared/archive/call-stretches.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { DurationMs } from "#shared/time/units.ts";

/** What a call was, as one bar: what somebody in it did, or that the screen of somebody in it was not recorded. */
export interface LifeStretch {
  fromMs: DurationMs;
  toMs: DurationMs;
  state: CallState | "gap";
}

/** Of what several agents do at once, the first of these stands for all. */
const PRECEDENCE: readonly CallState[] = ["conference", "talk", "consult", "hold", "wrap-up", "ring"];

/** A ring need not be recorded; what follows it must. */
const isRecorded = (state: CallState) => state !== "ring";

/**
 * The life of a call: stretches in order, none overlaps; nothing where nobody was in it.
 *
 * A gap is where somebody was in the call, and none of that person's screens was captured, paused or masked. A gap of
 * the first two seconds of a leg is how long a capture takes to start, and none.
 */
export function callLife({
  events,
  screens,
  durationMs,
}: Pick<Manifest, "events" | "screens" | "durationMs">): LifeStretch[] {
  const agents = [...new Set(events.map(({ agent }) => agent))].map((agent) => ({
    stretches: callStretches(
      events.filter((event) => event.agent === agent),
      durationMs,
    ),
    seen: screens
      .filter((screen) => screen.agent === agent)
      .flatMap(({ coverage }) =>
        coverage.filter(({ state, reason }) => state !== "gap" || reason === "monitor-off"),
      ),
  }));
  const edges = new Set<number>();
  for (const { fromMs, toMs } of agents.flatMap(({ stretches, seen }) => [...stretches, ...seen]))
    edges.add(clamp(fromMs, durationMs)).add(clamp(toMs, durationMs));
  const inOrder = [...edges].sort((left, right) => left - right);
  const life: LifeStretch[] = [];
  for (const [index, fromMs] of inOrder.entries()) {
    const toMs = inOrder[index + 1];
    if (toMs === undefined) break;
    const state = stateBetween(agents, fromMs, toMs);
    const last = life.at(-1);
    if (state === null) continue;
    if (last?.state === state && last.toMs === fromMs) last.toMs = toMs;
    else life.push({ fromMs, toMs, state });
  }
  return life;
}

/** As long as a capture may take to start. */
const START_MS = 2_000;

interface AgentLife {
  stretches: { fromMs: number; toMs: number; state: CallState }[];
  seen: { fromMs: number; toMs: number }[];
}

/** Nothing changes between the two. */
function stateBetween(
  agents: readonly AgentLife[],
  fromMs: number,
  toMs: number,
): LifeStretch["state"] | null {
  const has = (stretch: { fromMs: number; toMs: number }) => stretch.fromMs <= fromMs && toMs <= stretch.toMs;
  const states = agents.flatMap(({ stretches, seen }) => {
    const now = stretches.find(has);
    if (now === undefined) return [];
    const isStarting =
      !seen.some((one) => one.fromMs < fromMs) && toMs - firstRecorded(stretches) <= START_MS;
    return [{ state: now.state, isGap: isRecorded(now.state) && !seen.some(has) && !isStarting }];
  });
  if (states.some(({ isGap }) => isGap)) return "gap";
  return PRECEDENCE.find((state) => states.some((one) => one.state === state)) ?? null;
}

function firstRecorded(stretches: AgentLife["stretches"]): number {
  return stretches.find(({ state }) => isRecorded(state))?.fromMs ?? 0;
}

function clamp(ms: number, durationMs: number): number {
  return Math.max(0, Math.min(durationMs, ms));
}
