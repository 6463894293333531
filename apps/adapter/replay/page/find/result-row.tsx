import type { CoverageWord } from "#shared/api/coverage.ts";
import type { InteractionSummary } from "../../../archive/find/query.ts";
import { fileUrl } from "../api.ts";
import { formatPosition } from "../format.ts";
import { agentNames } from "../people.ts";
import { pathOf } from "../router.ts";
import { Icon } from "../ui/icon.tsx";
import { keyTip, tip } from "../ui/tooltip.tsx";
import { coverageWords, reasonText } from "../words/coverage-words.ts";
import { findWords } from "../words/find-words.ts";
import { minuteOfDay, shortDay } from "../words/local-format.ts";
import { LifeBar, lifeText } from "./life-bar.tsx";

export interface ResultRowProps {
  item: InteractionSummary;
  /** In the whole list, from 1. */
  row: number;
  /** Where no heading says the day. */
  withDay: boolean;
  isMarked: boolean;
  /** The one that the Tab key goes to. */
  isActive: boolean;
  onFocus: () => void;
}

/** A line of the list; the whole of it is the link to the player. */
export function ResultRow({ item, row, withDay, isMarked, isActive, onFocus }: ResultRowProps) {
  const words = findWords();
  const startedAt = Date.parse(item.startedAt);
  const at = minuteOfDay(startedAt);
  const agents = agentNames(item).join(" → ") || "–";
  const customer = item.call["customer"] ?? "–";
  const life = item.life ?? [];
  const course = lifeText(life);
  const screens = words.screens(item.screens.length);
  const verdict = verdictText(item.coverage, item.gapReasons ?? []);
  return (
    <tr
      class={isMarked ? "call marked" : "call"}
      data-interaction={item.interactionId}
      aria-rowindex={row}
      // The link lies over the whole row, but below what explains itself when hovered.
      onClick={(event) => {
        if (event.target instanceof Element && event.target.closest("a") === null)
          event.currentTarget.querySelector("a")?.click();
      }}
    >
      <td class="at">
        <a
          href={pathOf(item.interactionId)}
          aria-label={`${at}, ${agents}, ${customer}`}
          tabIndex={isActive ? 0 : -1}
          onFocus={onFocus}
          {...keyTip([verdict, screens, course].filter((text) => text !== "").join(" · "))}
        >
          {at}
        </a>
        {withDay && <span class="day-of">{shortDay(startedAt)}</span>}
      </td>
      <td class="length">{formatPosition(item.durationMs)}</td>
      <td class="poster">
        {item.poster === null || item.poster === undefined ? (
          <span class="no-poster">
            <Icon name={item.coverage === "not-recorded" ? "not-recorded" : "play"} />
          </span>
        ) : (
          <img src={fileUrl(item.interactionId, item.poster)} alt="" loading="lazy" decoding="async" />
        )}
      </td>
      <td class="life-cell">
        <LifeBar life={life} durationMs={item.durationMs} text={course} />
      </td>
      <td class="agents">{agents}</td>
      <td class="customer">{customer}</td>
      <td class="queue">{item.call["queue"] ?? "–"}</td>
      <td class="screens">
        <span {...tip(screens, true)}>
          <Icon name="screen" />
          {item.screens.length}
        </span>
      </td>
      <td class="recorded">
        <span class={`verdict ${item.coverage}`} {...tip(verdict, true)}>
          <Icon name={item.coverage} />
          <span class="visually-hidden">{verdict}</span>
        </span>
      </td>
    </tr>
  );
}

/** How complete an interaction is, and why it is not. */
function verdictText(word: CoverageWord, reasons: readonly string[]): string {
  const why = word === "recorded" || reasons.length === 0 ? "" : `: ${reasons.map(reasonText).join(", ")}`;
  return `${coverageWords().words[word]}${why}`;
}
