import type { Histogram } from "../../../archive/find/query.ts";
import { signal } from "@preact/signals";
import type { EpochMs } from "#shared/time/units.ts";
import { type Filters, queryOf, spanOf } from "./filters.ts";
import { type FetchPage, InteractionSearch } from "./interaction-search.ts";
import type { ListPlace } from "./result-list.tsx";
import { bucketFor } from "./strip-bars.ts";

/** Counts calls over time. */
export type FetchCounts = (query: URLSearchParams, signal: AbortSignal) => Promise<Histogram>;

/** What the find view shows; kept while another view is shown, so that going back is to where one was. */
export class FindState {
  readonly search: InteractionSearch;
  readonly histogram = signal<Histogram | null>(null);
  /** What is found is still being counted: the histogram is another search's. */
  readonly isCounting = signal(false);
  /** How many were found by what was asked last, for who does not see it; what comes in later is not said. */
  readonly found = signal<number | null>(null);
  /** Where the list is scrolled to. */
  place: ListPlace = { top: 0, height: 720, active: null };
  readonly #fetchCounts: FetchCounts;
  readonly #now: () => EpochMs;
  #shown: string | null = null;
  /** What the server was asked with. */
  #asked = "";
  #counting = new AbortController();
  /** Counts have been asked for and are not there yet. */
  #isAsking = false;
  /** What the histogram is of: which answer, and its newest call; null: of nothing that is there. */
  #counted: string | null = null;
  /** How many there are is still to be said. */
  #isUntold = false;

  constructor(fetchPage: FetchPage, fetchCounts: FetchCounts, now: () => EpochMs = () => Date.now()) {
    this.search = new InteractionSearch(fetchPage);
    this.#fetchCounts = fetchCounts;
    this.#now = now;
  }

  /** Finds what the filters let pass, unless that is what is there already. */
  show(filters: Filters): void {
    const key = JSON.stringify(filters);
    if (key === this.#shown) return;
    this.#shown = key;
    this.place = { ...this.place, top: 0, active: null };
    void this.#find(filters);
  }

  /** Finds once more. */
  showAgain(filters: Filters): void {
    void this.#find(filters);
  }

  /** Brings in what has come since, and what could not be had. */
  async refresh(filters: Filters): Promise<void> {
    // At midnight today is another day.
    if (queryOf(filters, this.#now()).toString() !== this.#asked) await this.#find(filters);
    else await this.search.refresh();
    if (JSON.stringify(filters) === this.#shown) this.#countIfOld(filters);
  }

  async #find(filters: Filters): Promise<void> {
    this.#counting.abort();
    const counting = new AbortController();
    this.#counting = counting;
    this.isCounting.value = true;
    this.#isAsking = false;
    this.#counted = null;
    this.#isUntold = true;
    const query = queryOf(filters, this.#now());
    this.#asked = query.toString();
    // One after the other: the server has the list sooner than the counts, and who types on never asks for them.
    await this.search.find(query);
    if (!counting.signal.aborted) this.#countIfOld(filters);
  }

  #countIfOld(filters: Filters): void {
    const { answered, found, phase } = this.search;
    const newest = `${answered.value} ${found.value.items[0]?.interactionId ?? ""}`;
    // What is being counted is not begun anew: where calls come all the time it would never end.
    if (phase.value === "loading" || this.#isAsking || newest === this.#counted) return;
    this.#count(filters, newest);
  }

  #count(filters: Filters, newest: string): void {
    this.#counting.abort();
    this.#counting = new AbortController();
    this.#isAsking = true;
    const now = this.#now();
    const query = queryOf({ ...filters, sort: "-startedAt" }, now);
    const { from, to } = spanOf(filters, now);
    query.set("bucketMs", String(bucketFor(from, to, now)));
    const { signal } = this.#counting;
    const end = (histogram: Histogram | null) => {
      if (signal.aborted) return;
      this.#isAsking = false;
      this.isCounting.value = false;
      this.histogram.value = histogram;
      if (histogram === null) return;
      this.#counted = newest;
      if (this.#isUntold) this.found.value = histogram.buckets.reduce((sum, { count }) => sum + count, 0);
      this.#isUntold = false;
    };
    // The list, asked for just before, says that the server is away; with its next answer it is counted once more.
    this.#fetchCounts(query, signal).then(end, () => end(null));
  }
}
