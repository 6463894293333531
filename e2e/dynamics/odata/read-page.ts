import type { Cell, EntityType, Row } from "../dataverse/columns.ts";
import { compareCells } from "./filter-evaluator.ts";
import { type Order, PAGE_SIZE_MAX, type QueryOptions } from "./query-options.ts";
import type { PageEnd } from "./skip-token.ts";

/** One page of a query's rows, and where it ended when more follow. */
export interface Page {
  readonly rows: readonly Row[];
  readonly end: PageEnd | null;
}

/**
 * Picks a page: filtered, ordered (the key breaks ties), after the previous page's end.
 *
 * @param maxPageSize - from `Prefer`; when set, `$top` is ignored, as Dataverse does.
 */
export function readPage(
  rows: readonly Row[],
  entity: EntityType,
  query: QueryOptions,
  maxPageSize: number | null,
  after: PageEnd | null,
): Page {
  const order: Order[] = [...query.orderBy, { column: entity.key, descending: false }];
  const position = (row: Row): Cell[] => order.map(({ column }) => row[column] ?? null);
  const rest = rows
    .filter(query.filter)
    .filter((row) => after === null || comparePositions(position(row), after.last, order) > 0)
    .sort((left, right) => comparePositions(position(left), position(right), order));
  if (maxPageSize === null && query.top !== null) return { rows: rest.slice(0, query.top), end: null };
  const page = rest.slice(0, Math.min(maxPageSize ?? PAGE_SIZE_MAX, PAGE_SIZE_MAX));
  const lastRow = page.at(-1);
  if (lastRow === undefined || page.length === rest.length) return { rows: page, end: null };
  return { rows: page, end: { nextPage: (after?.nextPage ?? 1) + 1, last: position(lastRow) } };
}

function comparePositions(left: readonly Cell[], right: readonly Cell[], order: readonly Order[]): number {
  for (const [index, { descending }] of order.entries()) {
    const difference = compareCells(left[index] ?? null, right[index] ?? null);
    if (difference !== 0) return descending ? -difference : difference;
  }
  return 0;
}
