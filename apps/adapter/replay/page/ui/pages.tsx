import { useState } from "preact/hooks";

interface Page<Item> {
  items: readonly Item[];
  /** Of the page after it; null: it is the last. */
  cursor: string | null;
}

export interface Pages<Item> {
  items: readonly Item[];
  hasMore: boolean;
  /** Why the next page could not be had, or "". */
  trouble: string;
  loadMore: () => void;
}

/** A list that comes page by page, each when it is asked for. */
export function usePages<Item>(
  first: Page<Item>,
  fetchPage: (cursor: string, signal: AbortSignal) => Promise<Page<Item>>,
): Pages<Item> {
  const [more, setMore] = useState<readonly Page<Item>[]>([]);
  const [trouble, setTrouble] = useState("");
  const pages = [first, ...more];
  const cursor = pages.at(-1)?.cursor ?? null;
  const loadMore = () => {
    if (cursor === null) return;
    fetchPage(cursor, new AbortController().signal).then(
      (page) => {
        setTrouble("");
        setMore((were) => [...were, page]);
      },
      (error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)),
    );
  };
  return { items: pages.flatMap(({ items }) => items), hasMore: cursor !== null, trouble, loadMore };
}

/** What leads to the next page. */
export function MorePages({ pages, text }: { pages: Pages<unknown>; text: string }) {
  return (
    <>
      {pages.hasMore && (
        <button type="button" class="more" onClick={pages.loadMore}>
          {text}
        </button>
      )}
      {pages.trouble !== "" && (
        <p class="trouble" role="alert">
          {pages.trouble}
        </p>
      )}
    </>
  );
}
