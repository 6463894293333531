import type { Histogram } from "../../../archive/find/query.ts";
import { signal } from "@preact/signals";
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
  #shown: string | null = null;
  #counting = new AbortController();
  /** Counts have been asked for and are not there yet. */
  #isAsking = false;
  /** Calls have come since the counts were asked for. */
  #isOutdated = false;

  constructor(fetchPage: FetchPage, fetchCounts: FetchCounts) {
    this.search = new InteractionSearch(fetchPage);
    this.#fetchCounts = fetchCounts;
  }

  /** Finds what the filters let pass, unless that is what is there already. */
  show(filters: Filters): void {
    const key = JSON.stringify(filters);
    if (key === this.#shown) return;
    this.#shown = key;
    this.place = { ...this.place, top: 0, active: null };
    this.#find(filters);
  }

  /** Finds once more. */
  showAgain(filters: Filters): void {
    this.#find(filters);
  }

  /** Brings in what has come since. */
  async refresh(filters: Filters): Promise<void> {
    const newest = () => this.search.found.value.items[0]?.interactionId;
    const before = newest();
    await this.search.refresh();
    this.#isOutdated ||= newest() !== before;
    // What is being counted is not begun anew: where calls come all the time it would never end.
    if (this.#isOutdated && !this.#isAsking) this.#count(filters);
  }

  #find(filters: Filters): void {
    this.#counting.abort();
    const counting = new AbortController();
    this.#counting = counting;
    this.isCounting.value = true;
    this.#isAsking = true;
    // One after the other: the server has the list sooner than the counts, and who types on never asks for them.
    void this.search.find(queryOf(filters, Date.now())).then(() => {
      if (!counting.signal.aborted) this.#count(filters, (count) => (this.found.value = count));
    });
  }

  #count(filters: Filters, tell: (count: number) => void = () => {}): void {
    this.#counting.abort();
    this.#counting = new AbortController();
    this.#isAsking = true;
    this.#isOutdated = false;
    const now = Date.now();
    const query = queryOf({ ...filters, sort: "-startedAt" }, now);
    const { from, to } = spanOf(filters, now);
    query.set("bucketMs", String(bucketFor(from, to, now)));
    const { signal } = this.#counting;
    const end = (histogram: Histogram | null) => {
      if (signal.aborted) return;
      this.#isAsking = false;
      this.isCounting.value = false;
      this.histogram.value = histogram;
      if (histogram !== null) tell(histogram.buckets.reduce((sum, { count }) => sum + count, 0));
    };
    // The list, asked for just before, says that the server is away.
    this.#fetchCounts(query, signal).then(end, () => end(null));
  }
}
