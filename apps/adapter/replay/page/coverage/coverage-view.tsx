import { useEffect, useState } from "preact/hooks";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import type { LedgerLine, LedgerTotals } from "../../../domain/ledger.ts";
import { fetchFacets, fetchLedger, type LedgerPage } from "../api.ts";
import { formatPosition } from "../format.ts";
import { agentNames } from "../people.ts";
import { address, goTo, pathOf } from "../router.ts";
import { Choice } from "../ui/choice.tsx";
import { Icon } from "../ui/icon.tsx";
import { ErrorNote, Note } from "../ui/note.tsx";
import { SuggestedChoice } from "../ui/suggested-choice.tsx";
import { useFetched } from "../ui/use-fetched.ts";
import { coverageWords, detailText, reasonText } from "../words/coverage-words.ts";
import { findWords } from "../words/find-words.ts";
import { ledgerWords } from "../words/ledger-words.ts";
import { formatCount, minuteOfDay, shortDay } from "../words/local-format.ts";
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
        title={words.dayBefore}
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
        title={words.dayAfter}
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
              <span class="reason-count">
                {words.reasonCount(formatCount(interactions), interactions === 1, formatPosition(ms))}
              </span>
              <span class="reason-bar">
                <span style={{ width: `${(100 * interactions) / most}%` }} />
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
  const [more, setMore] = useState<LedgerPage[]>([]);
  const [trouble, setTrouble] = useState("");
  const pages = [first, ...more];
  const lines = pages.flatMap(({ items }) => items);
  const cursor = pages.at(-1)?.cursor ?? null;
  const load = (after: string) => {
    fetchLedger(parametersOf(query, after), new AbortController().signal).then(
      (page) => {
        setTrouble("");
        setMore((were) => [...were, page]);
      },
      (error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)),
    );
  };
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
  return (
    <div class="results">
      <table class="calls">
        <thead>
          <tr>
            {(["time", "length", "agents", "customer", "queue", "recorded", "missing"] as const).map(
              (name) => (
                <th key={name} scope="col" class={`ledger-${name}`}>
                  {words.columns[name]}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <Line key={line.interactionId} line={line} />
          ))}
        </tbody>
      </table>
      {cursor !== null && (
        <button type="button" class="more" onClick={() => load(cursor)}>
          {words.more}
        </button>
      )}
      {trouble !== "" && (
        <p class="trouble" role="alert">
          {trouble}
        </p>
      )}
    </div>
  );
}

function Line({ line }: { line: LedgerLine }) {
  const startedAt = Date.parse(line.startedAt);
  const names = agentNames(line).join(" → ") || "–";
  const word = coverageWords().words[line.word];
  const missing = line.missing
    .map(({ reason, ms, detail }) => {
      const more = detail === null ? "" : ` (${detailText(detail)})`;
      return `${reasonText(reason)}${more} ${formatPosition(ms)}`;
    })
    .join(", ");
  return (
    <tr class="call" data-interaction={line.interactionId}>
      <td class="at">
        <a href={pathOf(line.interactionId)} aria-label={`${minuteOfDay(startedAt)}, ${names}`}>
          {minuteOfDay(startedAt)}
        </a>
        <span class="day-of">{shortDay(startedAt)}</span>
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
      <td class="missing" title={missing}>
        {missing === "" ? "–" : missing}
      </td>
    </tr>
  );
}
