import { COVERAGE_WORDS, type CoverageWord } from "#shared/api/coverage.ts";
import type { EpochMs } from "#shared/time/units.ts";

export const PERIODS = ["", "today", "yesterday", "7d", "30d"] as const;
export type Period = (typeof PERIODS)[number];

export const SORTS = ["-startedAt", "startedAt", "-durationMs", "durationMs"] as const;
export type Sort = (typeof SORTS)[number];

/** What the list is narrowed to and how it is sorted; "" and null: not at all. */
export interface Filters {
  q: string;
  agent: string;
  customer: string;
  queue: string;
  direction: string;
  /** Each `name:value`. */
  attributes: readonly string[];
  /** Counts from now; a span with its own edges in its place has none. */
  period: Period;
  from: EpochMs | null;
  to: EpochMs | null;
  minDurationMs: number;
  coverage: CoverageWord | "";
  sort: Sort;
}

export const NO_FILTERS: Filters = {
  ...{ q: "", agent: "", customer: "", queue: "", direction: "", attributes: [], period: "" },
  ...{ from: null, to: null, minDurationMs: 0, coverage: "", sort: "-startedAt" },
};

/** The server takes no longer ones, and no more attributes. */
export const TEXT_MOST = 256;
export const ATTRIBUTES_MOST = 8;

const [EARLIEST, LATEST] = [Date.parse("0000-01-01T00:00:00Z"), Date.parse("9999-12-31T23:59:59Z")];

/** The filters that an address names; what makes no sense in it is left out. */
export function readFilters(search: string): Filters {
  const query = new URLSearchParams(search);
  const text = (name: string) => (query.get(name) ?? "").trim().slice(0, TEXT_MOST).trim();
  const oneOf = <Value extends string>(name: string, known: readonly Value[]) =>
    known.find((value) => value === text(name));
  const from = instantOf(text("from"));
  const to = instantOf(text("to"));
  const minDurationMs = Number(text("minDurationMs"));
  return {
    ...{ q: text("q"), agent: text("agent"), customer: text("customer"), queue: text("queue") },
    direction: text("direction"),
    attributes: [...new Set(query.getAll("attribute"))].filter(isAttribute).slice(0, ATTRIBUTES_MOST),
    period: from === null && to === null ? (oneOf("period", PERIODS) ?? "") : "",
    from,
    to,
    minDurationMs: Number.isSafeInteger(minDurationMs) && minDurationMs > 0 ? minDurationMs : 0,
    coverage: oneOf("coverage", COVERAGE_WORDS) ?? "",
    sort: oneOf("sort", SORTS) ?? "-startedAt",
  };
}

/** `name:value`, neither of them empty. */
export function isAttribute(text: string): boolean {
  return text.length <= TEXT_MOST && /^\s*[^:\s][^:]*:\s*\S/s.test(text);
}

/** The address of the list with these filters, to be shared. */
export function addressOf(filters: Filters): string {
  const query = parametersOf(filters, filters);
  if (filters.period !== "") query.append("period", filters.period);
  return query.size === 0 ? "/" : `/?${query.toString()}`;
}

/** What the server is asked with; a period that counts from now gets its edges. */
export function queryOf(filters: Filters, now: EpochMs): URLSearchParams {
  return parametersOf(filters, spanOf(filters, now));
}

/** From when to when the filters let pass, null: without an edge. Days are those of this machine. */
export function spanOf(filters: Filters, now: EpochMs): Pick<Filters, "from" | "to"> {
  const today = new Date(now);
  /** Days are not all of one length, so they are counted by the calendar. */
  const midnight = (daysAgo: number) =>
    new Date(today.getFullYear(), today.getMonth(), today.getDate() - daysAgo).getTime();
  switch (filters.period) {
    case "":
      return { from: filters.from, to: filters.to };
    case "today":
      return { from: midnight(0), to: null };
    case "yesterday":
      return { from: midnight(1), to: midnight(0) };
    case "7d":
      return { from: midnight(6), to: null };
    case "30d":
      return { from: midnight(29), to: null };
  }
}

/** Whether anything is narrowed; the order does not narrow. */
export function isFiltered(filters: Filters): boolean {
  return addressOf({ ...filters, sort: NO_FILTERS.sort }) !== "/";
}

/** What can be said to the server: in years of four digits (RFC 3339). */
function instantOf(text: string): EpochMs | null {
  const at = Date.parse(text);
  return at >= EARLIEST && at <= LATEST ? at : null;
}

function parametersOf(filters: Filters, { from, to }: Pick<Filters, "from" | "to">): URLSearchParams {
  const { q, agent, customer, queue, direction, minDurationMs, coverage, sort } = filters;
  const given = {
    ...{ q, agent, customer, queue, direction, coverage },
    from: from === null ? "" : new Date(from).toISOString(),
    to: to === null ? "" : new Date(to).toISOString(),
    minDurationMs: minDurationMs === 0 ? "" : String(minDurationMs),
    sort: sort === NO_FILTERS.sort ? "" : sort,
  };
  const query = new URLSearchParams(Object.entries(given).filter(([, value]) => value !== ""));
  for (const attribute of filters.attributes) query.append("attribute", attribute);
  return query;
}
