import { batch, signal } from "@preact/signals";
import type { InteractionPage } from "../../../archive/find/query.ts";
import { appendPage, mergeFirstPage } from "./merge.ts";

/** Fetches a page of the list. */
export type FetchPage = (query: URLSearchParams, signal: AbortSignal) => Promise<InteractionPage>;

const FIRST_LIMIT = 50;
const MORE_LIMIT = 200;
const NOTHING: InteractionPage = { items: [], cursor: null };

/**
 * What was found: the newest query's interactions as far as they have been loaded. A new query ends the one before,
 * whose interactions stay until its own are there.
 */
export class InteractionSearch {
  readonly found = signal<InteractionPage>(NOTHING);
  /** `loading`: what is found is not the newest query's. */
  readonly phase = signal<"loading" | "ready">("loading");
  /** Why the newest query has no answer, or "". */
  readonly problem = signal("");
  readonly isLoadingMore = signal(false);
  /** How often a query has been answered: what is found is another list each time. */
  readonly answered = signal(0);
  readonly #fetchPage: FetchPage;
  #query = new URLSearchParams();
  #asked = new AbortController();

  constructor(fetchPage: FetchPage) {
    this.#fetchPage = fetchPage;
  }

  /** Finds anew, from the first page on; the same query again is a new try. */
  async find(query: URLSearchParams): Promise<void> {
    this.#asked.abort();
    this.#asked = new AbortController();
    this.#query = query;
    this.phase.value = "loading";
    this.isLoadingMore.value = false;
    await this.#ask({ limit: String(FIRST_LIMIT) }, (page) => {
      this.answered.value++;
      return page;
    });
  }

  /** Loads the next page, if there is one and it is not on its way. */
  async loadMore(): Promise<void> {
    const { cursor } = this.found.value;
    if (cursor === null || this.isLoadingMore.value || this.phase.value === "loading") return;
    this.isLoadingMore.value = true;
    const { signal } = this.#asked;
    await this.#ask({ cursor, limit: String(MORE_LIMIT) }, (page) => appendPage(this.found.value, page));
    if (!signal.aborted) this.isLoadingMore.value = false;
  }

  /** Brings in what has come since; only a list of the newest first has that in its first page. */
  async refresh(): Promise<void> {
    if (this.phase.value === "loading" && this.problem.value === "") return;
    if (this.#query.has("sort")) return;
    await this.#ask({ limit: String(FIRST_LIMIT) }, (page) => mergeFirstPage(this.found.value, page));
  }

  async #ask(
    more: Readonly<Record<string, string>>,
    apply: (page: InteractionPage) => InteractionPage,
  ): Promise<void> {
    const { signal } = this.#asked;
    const query = new URLSearchParams(this.#query);
    for (const [name, value] of Object.entries(more)) query.set(name, value);
    try {
      const page = await this.#fetchPage(query, signal);
      if (signal.aborted) return;
      // All at once: the list is drawn once for it.
      batch(() => {
        this.found.value = apply(page);
        this.phase.value = "ready";
        this.problem.value = "";
      });
    } catch (error) {
      if (!signal.aborted) this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }
}
