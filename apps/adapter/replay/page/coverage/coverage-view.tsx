import { Fragment } from "preact";
import { useEffect } from "preact/hooks";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import type { LedgerLine, LedgerTotals } from "../../../domain/ledger.ts";
import { fetchFacets, fetchLedger, type LedgerPage } from "../api.ts";
import { formatPosition } from "../format.ts";
import { agentNames } from "../people.ts";
import { address, goTo, pathOf } from "../router.ts";
import { Choice } from "../ui/choice.tsx";
import { Icon } from "../ui/icon.tsx";
import { ErrorNote, Note } from "../ui/note.tsx";
import { MorePages, usePages } from "../ui/pages.tsx";
import { SuggestedChoice } from "../ui/suggested-choice.tsx";
import { Table } from "../ui/table.tsx";
import { tip } from "../ui/tooltip.tsx";
import { useFetched } from "../ui/use-fetched.ts";
import { coverageWords, detailText, reasonText } from "../words/coverage-words.ts";
import { findWords } from "../words/find-words.ts";
import { ledgerWords } from "../words/ledger-words.ts";
import { dayHeading, formatCount, minuteOfDay } from "../words/local-format.ts";
import {
  coverageAddress,
  type CoverageQuery,
  dayAfter,
  dayText,
  readCoverageQuery,
  SPANS,
  spanOfDays,
  WHOLE_DAY,
} from "./coverage-query.ts";

/** The ledger as a page: what was not recorded, and why, day by day. */
export function CoverageView() {
  const words = ledgerWords();
  const { search } = address.value;
  const query = readCoverageQuery(search);
  const change = (changed: Partial<CoverageQuery>) => goTo(coverageAddress({ ...query, ...changed }));
  const ledger = useFetched(search, (signal) => fetchLedger(parametersOf(query), signal));
  useEffect(() => {
    document.title = `${words.title} · Deskreel`;
  }, [words]);
  const { value, problem } = ledger;
  return (
    <main class="view ledger">
      <h1 class="visually-hidden">{words.title}</h1>
      <CoverageFilters query={query} onChange={change} />
      <div class={ledger.isLoading ? "busy-line busy" : "busy-line"} />
      {problem !== "" ? (
        <ErrorNote
          title={words.failed}
          detail={problem}
          again={findWords().tryAgain}
          onAgain={ledger.again}
        />
      ) : value === null ? (
        <p class="page-note" role="status">
          {findWords().loading}
        </p>
      ) : (
        <div class={ledger.isLoading ? "ledger-body stale" : "ledger-body"}>
          <Reasons totals={value.totals} chosen={query.reason} onChoose={(reason) => change({ reason })} />
          <Lines
            key={search}
            first={value}
            query={query}
            onClear={() => change({ ...WHOLE_DAY, day: query.day, days: query.days })}
          />
        </div>
      )}
    </main>
  );
}

function parametersOf(query: CoverageQuery, cursor?: string): URLSearchParams {
  const { from, to } = spanOfDays(query, Date.now());
  const { word, reason, agent } = query;
  const given = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), word, reason, agent };
  const parameters = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""));
  if (cursor !== undefined) parameters.set("cursor", cursor);
  return parameters;
}

const COLUMNS = ["time", "length", "agents", "customer", "queue", "recorded", "missing"] as const;

function CoverageFilters(props: {
  query: CoverageQuery;
  onChange: (change: Partial<CoverageQuery>) => void;
}) {
  const { query, onChange } = props;
  const words = ledgerWords();
  const find = findWords();
  const today = dayText(Date.now());
  const goBy = (days: number) => {
    const day = dayAfter(query.day, days, Date.now());
    onChange({ day: day === today ? "" : day });
  };
  return (
    <div class="filter-line" role="search">
      <button
        type="button"
        class="square"
        aria-label={words.dayBefore}
        {...tip(words.dayBefore, true)}
        onClick={() => goBy(-1)}
      >
        <Icon name="back" />
      </button>
      <input
        type="date"
        aria-label={words.day}
        value={query.day === "" ? today : query.day}
        max={today}
        onChange={({ currentTarget }) =>
          onChange({ day: currentTarget.value === today ? "" : currentTarget.value })
        }
      />
      <button
        type="button"
        class="square"
        aria-label={words.dayAfter}
        {...tip(words.dayAfter, true)}
        disabled={query.day === ""}
        onClick={() => goBy(1)}
      >
        <Icon name="forward" />
      </button>
      <Choice
        label={words.span}
        options={SPANS.map((value) => ({ value, text: words.spans[value] }))}
        chosen={query.days}
        onChoose={(days) => onChange({ days })}
      />
      <Choice
        label={words.word}
        options={[
          { value: "" as const, text: words.anyWord },
          ...COVERAGE_WORDS.map((value) => ({ value, text: coverageWords().words[value] })),
        ]}
        chosen={query.word}
        onChoose={(word) => onChange({ word })}
      />
      <SuggestedChoice
        label={find.agent}
        all={find.allAgents}
        none={find.noSuggestion}
        count={find.suggestions}
        chosen={query.agent}
        suggest={(text, signal) => fetchFacets("agent", text, signal)}
        onChoose={(agent) => onChange({ agent })}
      />
      <span class="quiet">{words.lead}</span>
    </div>
  );
}

/** What each reason cost, and what to do about it; one chosen narrows the lines. */
function Reasons(props: { totals: LedgerTotals; chosen: string; onChoose: (reason: string) => void }) {
  const words = ledgerWords();
  const { totals, chosen, onChoose } = props;
  const most = Math.max(1, ...totals.reasons.map(({ interactions }) => interactions));
  const counts = {
    all: formatCount(totals.interactions),
    isOne: totals.interactions === 1,
    partial: formatCount(totals.partial),
    notRecorded: formatCount(totals.notRecorded),
  };
  return (
    <section class="reasons" aria-label={words.reasons}>
      <p class="reasons-summary">{words.summary(counts)}</p>
      <ul>
        {totals.reasons.map(({ reason, interactions, ms, details }) => (
          <li key={reason}>
            <button
              type="button"
              class="reason"
              aria-pressed={reason === chosen}
              onClick={() => onChoose(reason === chosen ? "" : reason)}
            >
              <span class="reason-name">{reasonText(reason)}</span>
              <span class="reason-bar">
                <span style={{ width: `${(100 * interactions) / most}%` }} />
              </span>
              <span class="reason-count">
                {words.reasonCount(formatCount(interactions), interactions === 1, formatPosition(ms))}
              </span>
              {details.map((one) => (
                <span key={one.detail} class="reason-advice">
                  {words.detailCount(formatCount(one.interactions), detailText(one.detail))}{" "}
                  {words.advice[one.detail]}
                </span>
              ))}
              {details.reduce((rest, one) => rest - one.interactions, interactions) > 0 && (
                <span class="reason-advice">{words.advice[reason] ?? words.noAdvice}</span>
              )}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Lines(props: { first: LedgerPage; query: CoverageQuery; onClear: () => void }) {
  const words = ledgerWords();
  const { first, query } = props;
  const pages = usePages(first, (cursor, signal) => fetchLedger(parametersOf(query, cursor), signal));
  const lines = pages.items;
  if (lines.length === 0) {
    return query.word === "" && query.reason === "" ? (
      <Note title={words.nothingMissing}>
        <p>{words.nothingMissingHint}</p>
      </Note>
    ) : (
      <Note title={words.noMatch}>
        <button type="button" onClick={props.onClear}>
          {words.clear}
        </button>
      </Note>
    );
  }
  const now = Date.now();
  const days = lines.map(({ startedAt }) => dayHeading(Date.parse(startedAt), now));
  return (
    <Table
      {...{ label: words.title, name: "ledger", columns: COLUMNS, heads: words.columns }}
      below={<MorePages pages={pages} text={words.more} />}
    >
      {lines.map((line, index) => (
        <Fragment key={line.interactionId}>
          {days[index] !== days[index - 1] && (
            <tr class="day">
              <th colSpan={COLUMNS.length} scope="rowgroup">
                {days[index]}
              </th>
            </tr>
          )}
          <Line line={line} />
        </Fragment>
      ))}
    </Table>
  );
}

function Line({ line }: { line: LedgerLine }) {
  const startedAt = Date.parse(line.startedAt);
  const names = agentNames(line).join(" → ") || "–";
  const word = coverageWords().brief[line.word];
  return (
    <tr class="call" data-interaction={line.interactionId}>
      <td class="at">
        <a href={pathOf(line.interactionId)} aria-label={`${minuteOfDay(startedAt)}, ${names}`}>
          {minuteOfDay(startedAt)}
        </a>
      </td>
      <td class="length">{formatPosition(line.durationMs)}</td>
      <td>{names}</td>
      <td>{line.customer ?? "–"}</td>
      <td>{line.queue ?? "–"}</td>
      <td>
        <span class={`verdict ${line.word}`}>
          <Icon name={line.word} />
          {word}
        </span>
      </td>
      <td class="missing">
        {line.missing.length === 0
          ? "–"
          : line.missing.map(({ reason, ms, detail }) => (
              <span key={`${reason} ${detail}`}>
                {reasonText(reason)}
                {detail !== null && ` (${detailText(detail)})`}{" "}
                <span class="quiet">{formatPosition(ms)}</span>
              </span>
            ))}
      </td>
    </tr>
  );
}
