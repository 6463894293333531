import type { DurationMs } from "#shared/time/units.ts";
import type { LifeStretch } from "../../../domain/call-life.ts";
import { formatPosition } from "../format.ts";
import { tip } from "../ui/tooltip.tsx";
import { findWords } from "../words/find-words.ts";

/** What a call was, from its start to its end: talk, hold hatched, what was not recorded empty. */
export function LifeBar(props: { life: readonly LifeStretch[]; durationMs: DurationMs; text: string }) {
  const { life, durationMs, text } = props;
  const percent = (ms: number) => `${(100 * ms) / Math.max(1, durationMs)}%`;
  return (
    <div class="life" role="img" aria-label={text === "" ? "–" : text} {...tip(text, true)}>
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

/** The course of a call in words. */
export function lifeText(life: readonly LifeStretch[]): string {
  const { lifeStates } = findWords();
  return life
    .map(({ fromMs, toMs, state }) => `${lifeStates[state]} ${formatPosition(toMs - fromMs)}`)
    .join(" · ");
}
