import type { Histogram } from "../../../archive/find/query.ts";
import { signal } from "@preact/signals";
import { fetchHistogram, fetchInteractions } from "../api.ts";
import { type Filters, queryOf, spanOf } from "./filters.ts";
import { InteractionSearch } from "./interaction-search.ts";
import type { ListPlace } from "./result-list.tsx";
import { bucketFor } from "./strip-bars.ts";

/** What the find view shows; kept while another view is shown, so that going back is to where one was. */
export class FindState {
  readonly search = new InteractionSearch(fetchInteractions);
  readonly histogram = signal<Histogram | null>(null);
  /** How many were found by what was asked last, for who does not see it; what comes in later is not said. */
  readonly found = signal<number | null>(null);
  /** Where the list is scrolled to. */
  place: ListPlace = { top: 0, height: 720, active: null };
  #shown: string | null = null;
  #counting = new AbortController();

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
    if (newest() !== before) this.#count(filters);
  }

  #find(filters: Filters): void {
    this.#counting.abort();
    const counting = new AbortController();
    this.#counting = counting;
    // One after the other: the server has the list sooner than the counts, and who types on never asks for them.
    void this.search.find(queryOf(filters, Date.now())).then(() => {
      if (!counting.signal.aborted) this.#count(filters, (count) => (this.found.value = count));
    });
  }

  #count(filters: Filters, tell: (count: number) => void = () => {}): void {
    this.#counting.abort();
    this.#counting = new AbortController();
    const now = Date.now();
    const query = queryOf({ ...filters, sort: "-startedAt" }, now);
    const { from, to } = spanOf(filters, now);
    query.set("bucketMs", String(bucketFor(from, to, now)));
    const { signal } = this.#counting;
    fetchHistogram(query, signal).then(
      (histogram) => {
        this.histogram.value = histogram;
        tell(histogram.buckets.reduce((sum, { count }) => sum + count, 0));
      },
      () => {
        // The list, asked for at the same time, says that the server is away.
        if (!signal.aborted) this.histogram.value = null;
      },
    );
  }
}
