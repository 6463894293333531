import { useEffect, useMemo } from "preact/hooks";
import type { Session } from "../api.ts";
import { address, goTo } from "../router.ts";
import { ErrorNote, Note } from "../ui/note.tsx";
import { findWords } from "../words/find-words.ts";
import { formatCount } from "../words/local-format.ts";
import { FilterBar } from "./filter-bar.tsx";
import { addressOf, type Filters, isFiltered, NO_FILTERS, readFilters } from "./filters.ts";
import type { FindState } from "./find-state.ts";
import { PlaceCallButton, usePlacedCall } from "./place-call.tsx";
import { ResultList } from "./result-list.tsx";
import { Strip } from "./strip.tsx";

const REFRESH_MS = 3_000;

/** Finding interactions: what narrows the list, calls over time, and the list, which keeps itself up to date. */
export function FindView({ session, state }: { session: Session; state: FindState }) {
  const words = findWords();
  const { search } = address.value;
  const filters = useMemo(() => readFilters(search), [search]);
  const { items, cursor } = state.search.found.value;
  const found = state.found.value;
  const problem = state.search.problem.value;
  const isLoading = state.search.phase.value === "loading";
  const call = usePlacedCall((id) => items.some(({ interactionId }) => interactionId === id));
  // By the address of that moment: what was chosen since this was drawn stays chosen.
  const change = (changed: Partial<Filters>, how: "step" | "replace" = "step") =>
    goTo(addressOf({ ...readFilters(address.peek().search), ...changed }), how);
  state.show(filters);
  useEffect(() => {
    document.title = `${words.title} · Deskreel`;
  }, [words]);
  useRefresh(() => state.refresh(filters), filters);

  const isNarrowed = filters.from !== null || filters.to !== null;
  return (
    <main class="view find">
      <h1 class="visually-hidden">{words.title}</h1>
      <div class="find-top">
        <FilterBar filters={filters} onChange={change} />
        {session.canPlaceCall && <PlaceCallButton call={call} />}
      </div>
      <p class="visually-hidden" role="status">
        {found === null ? "" : found === 0 ? words.noMatch : words.calls(formatCount(found), found === 1)}
      </p>
      {call.status !== null && (
        <p class="call-status" role="status">
          {call.status}
        </p>
      )}
      {problem !== "" && items.length > 0 && (
        <p class="trouble" role="status">
          {`${problem} ${words.tryingAgain}`}
        </p>
      )}
      <Strip
        histogram={state.histogram.value}
        isCounting={state.isCounting.value}
        isNarrowed={isNarrowed}
        onNarrow={(from, to) => change({ from, to, period: "" })}
        onWiden={() => change({ from: null, to: null })}
      />
      <div class={isLoading && problem === "" ? "busy-line busy" : "busy-line"} />
      {items.length > 0 ? (
        <ResultList
          key={state.search.answered.value}
          items={items}
          hasMore={cursor !== null}
          isStale={isLoading}
          byDay={filters.sort === "-startedAt" || filters.sort === "startedAt"}
          marked={call.interactionId}
          place={state.place}
          onNearEnd={() => void state.search.loadMore()}
        />
      ) : (
        <InPlaceOfList
          phase={problem !== "" ? "failed" : isLoading ? "loading" : "ready"}
          problem={problem}
          isFiltered={isFiltered(filters)}
          canPlaceCall={session.canPlaceCall && !call.isRunning}
          onClear={() => change({ ...NO_FILTERS, sort: filters.sort })}
          onAgain={() => state.showAgain(filters)}
        />
      )}
    </main>
  );
}

function InPlaceOfList(props: {
  phase: "failed" | "loading" | "ready";
  problem: string;
  isFiltered: boolean;
  canPlaceCall: boolean;
  onClear: () => void;
  onAgain: () => void;
}) {
  const words = findWords();
  switch (props.phase) {
    case "loading":
      return (
        <p class="page-note" role="status">
          {words.loading}
        </p>
      );
    case "failed":
      return (
        <ErrorNote
          title={words.failed}
          detail={props.problem}
          again={words.tryAgain}
          onAgain={props.onAgain}
        />
      );
    case "ready":
      return props.isFiltered ? (
        <Note title={words.noMatch}>
          <p>{words.noMatchHint}</p>
          <button type="button" onClick={props.onClear}>
            {words.clear}
          </button>
        </Note>
      ) : (
        <Note title={words.noCalls}>
          <p>{props.canPlaceCall ? words.pressPlaceCall : words.noCallsHint}</p>
        </Note>
      );
  }
}

/** Again and again while the page is seen, one after the other. */
function useRefresh(refresh: () => Promise<void>, filters: Filters): void {
  useEffect(() => {
    const over = new AbortController();
    const { signal } = over;
    let timer: number | undefined;
    const wait = () => {
      if (!signal.aborted) timer = window.setTimeout(() => void next(), REFRESH_MS);
    };
    const next = async () => {
      clearTimeout(timer);
      if (!document.hidden) await refresh();
      wait();
    };
    document.addEventListener("visibilitychange", () => void (document.hidden || next()), { signal });
    wait();
    return () => {
      clearTimeout(timer);
      over.abort();
    };
  }, [filters]);
}
