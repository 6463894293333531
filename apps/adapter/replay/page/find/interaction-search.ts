import { batch, signal } from "@preact/signals";
import type { InteractionPage } from "../../../archive/find/query.ts";
import { appendPage, mergeFirstPage, touches } from "./merge.ts";

/** Fetches a page of the list. */
export type FetchPage = (query: URLSearchParams, signal: AbortSignal) => Promise<InteractionPage>;

const FIRST_LIMIT = 50;
const MORE_LIMIT = 200;
/** So many further pages are fetched to bring in what has come while nobody looked; of more the list begins anew. */
const CAUGHT_UP_MOST = 5;
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
  /** The newest query's first page is on its way. */
  #isBeginning = false;

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
    await this.#begin();
  }

  /** Loads the next page, if there is one and it is not on its way. */
  async loadMore(): Promise<void> {
    const { cursor } = this.found.value;
    if (cursor === null || this.isLoadingMore.value || this.phase.value === "loading") return;
    this.isLoadingMore.value = true;
    const { signal } = this.#asked;
    await this.#ask(async (fetchPage) => {
      const page = await fetchPage({ cursor, limit: String(MORE_LIMIT) });
      return () => appendPage(this.found.value, page);
    });
    if (!signal.aborted) this.isLoadingMore.value = false;
  }

  /**
   * Brings in what has come since, and tries once more what has failed. Only a list of the newest first has what is new
   * in its first page.
   */
  async refresh(): Promise<void> {
    // What is there is another query's: nothing of this one's is brought into it.
    if (this.phase.value === "loading") {
      if (!this.#isBeginning) await this.#begin();
    } else if (this.#query.has("sort")) {
      if (this.problem.value !== "") await this.loadMore();
    } else {
      await this.#catchUp();
    }
  }

  async #begin(): Promise<void> {
    const { signal } = this.#asked;
    this.#isBeginning = true;
    await this.#ask(async (fetchPage) => {
      const page = await fetchPage({ limit: String(FIRST_LIMIT) });
      return () => {
        this.answered.value++;
        return page;
      };
    });
    if (!signal.aborted) this.#isBeginning = false;
  }

  async #catchUp(): Promise<void> {
    await this.#ask(async (fetchPage) => {
      let fresh = await fetchPage({ limit: String(FIRST_LIMIT) });
      for (let pages = 0; pages < CAUGHT_UP_MOST; pages += 1) {
        const { cursor } = fresh;
        if (cursor === null || touches(fresh, this.found.value)) break;
        fresh = appendPage(fresh, await fetchPage({ cursor, limit: String(MORE_LIMIT) }));
      }
      return () => {
        if (!touches(fresh, this.found.value)) this.answered.value++;
        return mergeFirstPage(this.found.value, fresh);
      };
    });
  }

  /** @param read - fetches what it takes, and gives what makes the list of it. */
  async #ask(
    read: (
      fetchPage: (more: Readonly<Record<string, string>>) => Promise<InteractionPage>,
    ) => Promise<() => InteractionPage>,
  ): Promise<void> {
    const { signal } = this.#asked;
    const query = this.#query;
    const fetchPage = (more: Readonly<Record<string, string>>) =>
      this.#fetchPage(new URLSearchParams([...query, ...Object.entries(more)]), signal);
    try {
      const apply = await read(fetchPage);
      if (signal.aborted) return;
      // All at once: the list is drawn once for it.
      batch(() => {
        this.found.value = apply();
        this.phase.value = "ready";
        this.problem.value = "";
      });
    } catch (error) {
      if (!signal.aborted) this.problem.value = error instanceof Error ? error.message : String(error);
    }
  }
}
