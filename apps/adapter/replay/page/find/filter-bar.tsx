import { useEffect, useRef, useState } from "preact/hooks";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { Choice } from "../ui/choice.tsx";
import { Icon } from "../ui/icon.tsx";
import { SuggestedChoice } from "../ui/suggested-choice.tsx";
import { tip } from "../ui/tooltip.tsx";
import { fetchFacets } from "../api.ts";
import { coverageWords } from "../words/coverage-words.ts";
import { findWords } from "../words/find-words.ts";
import { addressOf, type Filters, isFiltered, NO_FILTERS, PERIODS, SORTS, TEXT_MOST } from "./filters.ts";
import { MoreFilters, OwnPeriod } from "./more-filters.tsx";

/** A pause in typing after which is searched: two keys pressed nearly at once are one search. */
const APPLY_AFTER_MS = 50;
const MINUTES = [1, 2, 5, 10, 20, 30, 60];
const OWN = "own";

export interface FilterBarProps {
  filters: Filters;
  /** @param how - typing is one step of the browser's history, however many letters it is. */
  onChange: (change: Partial<Filters>, how: "step" | "replace") => void;
}

/** The search line and what else narrows the list. */
export function FilterBar({ filters, onChange }: FilterBarProps) {
  const words = findWords();
  const coverage = coverageWords();
  const set = (change: Partial<Filters>) => onChange(change, "step");
  const hasOwnPeriod = filters.from !== null || filters.to !== null;
  const [isChoosingPeriod, setChoosingPeriod] = useState(false);
  const showsMore = filters.direction !== "" || filters.customer !== "" || filters.attributes.length > 0;
  const [isMoreOpen, setMoreOpen] = useState(showsMore);
  const suggest = (field: "agent" | "queue") => (text: string, signal: AbortSignal) =>
    fetchFacets(field, text, signal);
  const periods = [
    ...PERIODS.map((value) => ({ value, text: words.periods[value] })),
    { value: OWN, text: words.ownPeriod } as const,
  ];
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <div class="filter-line">
        <SearchField
          text={filters.q}
          others={addressOf({ ...filters, q: "" })}
          onSearch={(q, how) => onChange({ q }, how)}
        />
        <Choice
          label={words.period}
          options={periods}
          chosen={hasOwnPeriod || isChoosingPeriod ? OWN : filters.period}
          onChoose={(period) => {
            setChoosingPeriod(period === OWN);
            if (period !== OWN) set({ period, from: null, to: null });
          }}
        />
        <SuggestedChoice
          label={words.agent}
          all={words.allAgents}
          none={words.noSuggestion}
          count={words.suggestions}
          chosen={filters.agent}
          suggest={suggest("agent")}
          onChoose={(agent) => set({ agent })}
        />
        <SuggestedChoice
          label={words.queue}
          all={words.allQueues}
          none={words.noSuggestion}
          count={words.suggestions}
          chosen={filters.queue}
          suggest={suggest("queue")}
          onChoose={(queue) => set({ queue })}
        />
        <Choice
          label={words.minDuration}
          options={[
            { value: "0", text: words.anyDuration },
            ...MINUTES.map((minutes) => ({ value: String(minutes * 60_000), text: words.atLeast(minutes) })),
          ]}
          chosen={String(filters.minDurationMs)}
          onChoose={(ms) => set({ minDurationMs: Number(ms) })}
        />
        <Choice
          label={words.coverage}
          options={[
            { value: "" as const, text: words.anyCoverage },
            ...COVERAGE_WORDS.map((value) => ({ value, text: coverage.words[value] })),
          ]}
          chosen={filters.coverage}
          onChoose={(value) => set({ coverage: value })}
        />
        <Choice
          label={words.sort}
          options={SORTS.map((value) => ({ value, text: words.sorts[value] }))}
          chosen={filters.sort}
          onChoose={(sort) => set({ sort })}
        />
        <button
          type="button"
          class="plain more-filters"
          aria-label={words.moreFilters}
          {...tip(words.moreFilters, true)}
          aria-expanded={isMoreOpen}
          onClick={() => setMoreOpen(!isMoreOpen)}
        >
          ⋯
        </button>
      </div>
      {(isMoreOpen || hasOwnPeriod || isChoosingPeriod) && (
        <div class="filter-line">
          {(hasOwnPeriod || isChoosingPeriod) && <OwnPeriod filters={filters} onChange={set} />}
          {isMoreOpen && <MoreFilters filters={filters} onChange={set} />}
          {isFiltered(filters) && (
            <button type="button" class="plain" onClick={() => set({ ...NO_FILTERS, sort: filters.sort })}>
              {words.clear}
            </button>
          )}
        </div>
      )}
    </form>
  );
}

/** Searches as one types; `/` comes here, Escape empties it. */
function SearchField(props: {
  text: string;
  /** What else is chosen. */
  others: string;
  onSearch: (text: string, how: "step" | "replace") => void;
}) {
  const { text, others, onSearch } = props;
  const words = findWords();
  const [typed, setTyped] = useState(text);
  const sent = useRef(text);
  const timer = useRef<number | undefined>(undefined);
  const field = useRef<HTMLInputElement>(null);
  /** What is typed until the field is left, or something else is chosen, is one step, which back undoes. */
  const hasStepped = useRef(false);
  useEffect(() => {
    hasStepped.current = false;
  }, [others]);
  const search = (value: string) => {
    clearTimeout(timer.current);
    if (value.trim() === sent.current) return;
    sent.current = value.trim();
    onSearch(sent.current, hasStepped.current ? "replace" : "step");
    hasStepped.current = true;
  };
  // The address may change by other ways: back, or a link.
  useEffect(() => {
    if (text !== sent.current) {
      clearTimeout(timer.current);
      setTyped(text);
      hasStepped.current = false;
    }
    sent.current = text;
  }, [text]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = document.activeElement?.matches("input, select, textarea");
      if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
      clearTimeout(timer.current);
    };
  }, []);
  return (
    <div class="search">
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        name="q"
        placeholder={words.searchHint}
        aria-label={words.search}
        aria-keyshortcuts="/"
        autocomplete="off"
        spellcheck={false}
        maxLength={TEXT_MOST}
        value={typed}
        onBlur={() => (hasStepped.current = false)}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          clearTimeout(timer.current);
          timer.current = window.setTimeout(() => search(currentTarget.value), APPLY_AFTER_MS);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") search(event.currentTarget.value);
          if (event.key !== "Escape") return;
          event.preventDefault();
          if (typed === "") event.currentTarget.blur();
          setTyped("");
          search("");
        }}
      />
    </div>
  );
}
