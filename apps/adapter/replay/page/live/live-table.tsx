import type { EpochMs } from "#shared/time/units.ts";
import type { LiveRow } from "../../../domain/live-view.ts";
import { formatPosition, formatTimeOfDay } from "../format.ts";
import { pathOf } from "../router.ts";
import { Icon } from "../ui/icon.tsx";
import { reasonText } from "../words/coverage-words.ts";
import { liveWords } from "../words/live-words.ts";
import { formatCount, minuteOfDay } from "../words/local-format.ts";
import { pictureOf, type ShownRow } from "./live-rows.ts";

const COLUMNS = ["agent", "customer", "since", "state", "picture", "play"] as const;

/** A line for each agent in a call. */
export function LiveTable({ rows, now }: { rows: readonly ShownRow[]; now: EpochMs }) {
  const words = liveWords();
  return (
    // What scrolls must be reachable by keyboard, too.
    <section class="results" aria-label={words.title} tabIndex={0}>
      <table class="calls live-calls">
        <thead>
          <tr>
            {COLUMNS.map((name) => (
              <th key={name} scope="col" class={`live-${name}`}>
                {words.columns[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((shown) => (
            <Line key={shown.row.recordingId} shown={shown} now={now} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Line({ shown: { row, endedAt, isPlayable }, now }: { shown: ShownRow; now: EpochMs }) {
  const words = liveWords();
  const { agent, attributes, callSessionId, startedAt, state, stateSince } = row;
  const { agentName, customer, queue, direction } = attributes;
  const start = Date.parse(startedAt);
  const end = endedAt === null ? now : Date.parse(endedAt);
  const who = customer ?? words.unknownCustomer;
  const more = [queue, direction === undefined ? undefined : (words.directions[direction] ?? direction)];
  return (
    <tr
      class={endedAt !== null ? "live-call ended" : row.isStale ? "live-call stale" : "live-call"}
      data-recording={row.recordingId}
    >
      <th scope="row" title={agent}>
        {agentName ?? agent}
        {agentName !== undefined && <span class="second">{agent}</span>}
      </th>
      <td title={who}>
        {who}
        <span class="second">{more.filter((text) => text !== undefined).join(" · ")}</span>
      </td>
      <td>
        {minuteOfDay(start)}
        <span class="second">{formatPosition(end - start)}</span>
      </td>
      <td>
        {endedAt === null ? (
          <>
            <span class={`phase life-${state}`} />
            {words.states[state]}
            <span class="second">{formatPosition(now - Date.parse(stateSince))}</span>
          </>
        ) : (
          words.ended(minuteOfDay(end))
        )}
      </td>
      <td>{endedAt === null ? <PictureCell row={row} /> : "–"}</td>
      <td>
        {isPlayable ? (
          <a href={pathOf(callSessionId)} aria-label={words.playCall(who)}>
            {words.play}
          </a>
        ) : (
          <span class="quiet">{words.notYetPlayable}</span>
        )}
      </td>
    </tr>
  );
}

function PictureCell({ row }: { row: LiveRow }) {
  const words = liveWords();
  const picture = pictureOf(row);
  const asOf = row.isStale && <span class="second">{words.lastKnown(timeOf(row.asOf))}</span>;
  switch (picture.kind) {
    case "captured": {
      const { screens, framesPerSecond, kbitPerSecond, missing } = picture;
      const kbit = formatCount(Math.round(kbitPerSecond));
      const missed = missing.map(reasonText).join(", ");
      return (
        <>
          <span class="recording-dot" aria-hidden="true" />
          {words.captured(screens, formatCount(framesPerSecond), kbit)}
          {missed !== "" && <span class="second attention">{words.alsoMissing(missed)}</span>}
          {asOf}
        </>
      );
    }
    case "gap": {
      const text = words.gap(reasonText(picture.reason), timeOf(picture.since));
      return (
        <span class="attention" title={text}>
          <Icon name="warning" />
          {text}
          {asOf}
        </span>
      );
    }
    case "paused": {
      const by = words.askers[picture.by] ?? picture.by;
      const text = words.paused(by, picture.why, timeOf(picture.since));
      return (
        <span class="attention" title={text}>
          <Icon name="pause" />
          {text}
          {asOf}
        </span>
      );
    }
    case "waiting":
      return (
        <span class="quiet">
          {words.waiting}
          {asOf}
        </span>
      );
  }
}

function timeOf(at: string): string {
  return formatTimeOfDay(Date.parse(at));
}
