import type { CallEventType } from "#shared/api/call-event.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { PlannedScreen, StitchPlan } from "./stitch-plan.ts";
import type { Interval } from "./timeline.ts";

/** What begins or goes on with a conversation, and what interrupts or ends it. */
const TALKS: Readonly<Record<CallEventType, boolean>> = {
  ringing: false,
  "not-responding": false,
  connected: true,
  conferencing: true,
  consulting: true,
  "consult-done": true,
  "on-hold": false,
  "hold-done": true,
  "wrap-up": false,
  "agent-available": false,
};

/**
 * The moment whose picture stands for an interaction: the middle of the longest time in which somebody talks and their
 * screen is seen, of the first screen that has one; or else of what of the first screen is seen.
 *
 * @returns null when there are no screens; `atMs` on the screen's own time.
 */
export function choosePoster({
  screens,
  events,
  durationMs,
}: Pick<StitchPlan, "events" | "durationMs"> & {
  screens: readonly Pick<PlannedScreen, "file" | "entry" | "durationMs">[];
}): { file: string; atMs: DurationMs } | null {
  const seen = screens.map(({ file, entry, durationMs: length }) => {
    const own = { from: entry.offsetMs, to: entry.offsetMs + length };
    const captured = entry.coverage
      .filter(({ state }) => state === "captured")
      .map(({ fromMs, toMs }) => overlap({ from: fromMs, to: toMs }, own));
    return { file, agent: entry.agent, own, captured };
  });
  const middleOf = ({ from, to }: Interval) => Math.floor((from + to) / 2);
  for (const { file, agent, own, captured } of seen) {
    const talks = talksOf(events, agent, durationMs);
    const both = longest(talks.flatMap((talk) => captured.map((stretch) => overlap(talk, stretch))));
    if (both !== null) return { file, atMs: middleOf(both) - own.from };
  }
  const [first] = seen;
  if (first === undefined) return null;
  return { file: first.file, atMs: middleOf(longest(first.captured) ?? first.own) - first.own.from };
}

function talksOf(events: StitchPlan["events"], agent: string, endMs: DurationMs): Interval[] {
  const own = events.filter((event) => event.agent === agent);
  return own.flatMap(({ type, offsetMs }, index) =>
    TALKS[type] ? [{ from: offsetMs, to: own[index + 1]?.offsetMs ?? endMs }] : [],
  );
}

/** Null when none has a length. */
function longest(intervals: readonly Interval[]): Interval | null {
  const [first] = intervals.toSorted((a, b) => b.to - b.from - (a.to - a.from));
  return first === undefined || first.to <= first.from ? null : first;
}

function overlap(one: Interval, other: Interval): Interval {
  return { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
}
