import type { DurationMs } from "#shared/time/units.ts";
import type { LifeStretch } from "../../../domain/call-life.ts";
import { formatPosition } from "../format.ts";
import { findWords } from "../words/find-words.ts";

/** What a call was, from its start to its end: talk, hold hatched, what was not recorded empty. */
export function LifeBar({ life, durationMs }: { life: readonly LifeStretch[]; durationMs: DurationMs }) {
  const { lifeStates } = findWords();
  const percent = (ms: number) => `${(100 * ms) / Math.max(1, durationMs)}%`;
  const text = life.map(({ fromMs, toMs, state }) => `${lifeStates[state]} ${formatPosition(toMs - fromMs)}`);
  return (
    <div class="life" role="img" aria-label={text.join(", ") || "–"} title={text.join(" · ")}>
      {life.map(({ fromMs, toMs, state }) => (
        <span
          key={fromMs}
          class={`life-${state}`}
          style={{ left: percent(fromMs), width: percent(toMs - fromMs) }}
        />
      ))}
    </div>
  );
}
