import type { ComponentChildren } from "preact";
import type { EpochMs } from "#shared/time/units.ts";
import type { LiveRow } from "../../../domain/live-view.ts";
import { formatPosition, formatTimeOfDay } from "../format.ts";
import { pathOf } from "../router.ts";
import { Icon } from "../ui/icon.tsx";
import { Table } from "../ui/table.tsx";
import { reasonText } from "../words/coverage-words.ts";
import { liveWords } from "../words/live-words.ts";
import { formatCount, minuteOfDay } from "../words/local-format.ts";
import { pictureOf, type ShownRow } from "./live-rows.ts";

const COLUMNS = ["agent", "customer", "since", "state", "picture"] as const;

/** A line for each agent in a call. */
export function LiveTable({ rows, now }: { rows: readonly ShownRow[]; now: EpochMs }) {
  const words = liveWords();
  return (
    <Table {...{ label: words.title, name: "live", columns: COLUMNS, heads: words.columns }}>
      {rows.map((shown) => (
        <Line key={shown.row.recordingId} shown={shown} now={now} />
      ))}
    </Table>
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
      <th scope="row">
        {agentName ?? agent}
        {agentName !== undefined && <span class="second">{agent}</span>}
      </th>
      <td>
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
      <td>
        {endedAt === null ? (
          <PictureCell row={row} />
        ) : isPlayable ? (
          <a href={pathOf(callSessionId)} aria-label={words.playCall(who)}>
            {words.play}
          </a>
        ) : (
          words.notYetPlayable
        )}
      </td>
    </tr>
  );
}

function PictureCell({ row }: { row: LiveRow }) {
  const words = liveWords();
  const asOf = row.isStale ? [words.lastKnown(timeOf(row.asOf))] : [];
  const picture = pictureOf(row);
  switch (picture.kind) {
    case "captured": {
      const { screens, framesPerSecond, kbitPerSecond, missing } = picture;
      const kbit = formatCount(Math.round(kbitPerSecond));
      const rate = words.rate(formatCount(framesPerSecond), kbit);
      const missed = missing.map((reason) => words.alsoMissing(reasonText(reason)));
      return (
        <Lines title={words.captured(screens)} more={[rate, ...missed, ...asOf]}>
          <span class="recording-dot" aria-hidden="true" />
        </Lines>
      );
    }
    case "gap": {
      const title = words.gap(reasonText(picture.reason));
      return (
        <Lines title={title} more={[words.lasting(timeOf(picture.since)), ...asOf]} isOdd>
          <Icon name="warning" />
        </Lines>
      );
    }
    case "paused": {
      const by = words.askers[picture.by] ?? picture.by;
      const more = [by, words.lasting(timeOf(picture.since)), ...asOf];
      return (
        <Lines title={words.paused(picture.why)} more={more} isOdd>
          <Icon name="pause" />
        </Lines>
      );
    }
    case "waiting":
      return <Lines title={words.waiting} more={asOf} />;
  }
}

/** A mark and what it means, and below it more about that. */
function Lines(props: { title: string; more: string[]; isOdd?: boolean; children?: ComponentChildren }) {
  const { title, more, isOdd = false, children } = props;
  const second = more.join(" · ");
  return (
    <span class={isOdd ? "attention" : ""}>
      {children}
      {title}
      {second !== "" && <span class="second">{second}</span>}
    </span>
  );
}

function timeOf(at: string): string {
  return formatTimeOfDay(Date.parse(at));
}
