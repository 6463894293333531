import type { InteractionFilter, Sort } from "./query.ts";
import { findText } from "./text-lookup.ts";

/** Up to so many rows are read and sorted; of more, those that have every condition are found in an index. */
export const RARE = 2_000;
/** Up to so many rows that have a text are told by their number while an index is read, or are read to be sorted. */
export const SOME = 20_000;

/** What is found out beforehand to make a statement. */
export interface Lookups {
  /** About how large a share of the rows has a piece. */
  shareOf: (gram: string) => number;
  /** All pieces in use that have a text shorter than a piece in them, and one more than there may be at most. */
  expand: (short: string) => string[];
  /** The rows that the index of texts finds, and one more than {@link SOME} at most. */
  find: (match: string) => number[];
  /** How many rows of a table have a condition, and one more than `most` at most. */
  count: (table: string, condition: string, most: number) => number;
}

/** Where rows are read from, and under which names they have what is asked for. */
export interface Lead {
  /** What is read; in the order of its time unless `few` are found otherwise. */
  table: string;
  /** It finds so few rows that they can be sorted, in whatever order they come. */
  few: boolean;
  /** Whose columns tell start, id, customer, queue, direction, length and coverage. */
  facts: "a" | "c";
  /** What it is led by. */
  conditions: string[];
}

const ROWS = "catalogue AS c NOT INDEXED";
const AGENTS = "catalogue_agents AS a";
/** Agents' rows with the rows that they stand for, where those are needed. */
const AGENTS_AND_ROWS = `${AGENTS} CROSS JOIN catalogue AS c ON c.rowid = a.row`;
const FOUND = "IN (SELECT value FROM json_each(@found))";
const ANY_AGENT = "IN (SELECT value FROM json_each(@anyAgent))";
const SAID = "(instr(c.search, @q) > 0 OR instr(c.notes, @q) > 0)";
const LONGER = "duration_ms >= @minDurationMs";

function by(index: string, ...conditions: string[]): Lead {
  return { table: `catalogue AS c INDEXED BY ${index}`, few: false, facts: "c", conditions };
}

/** What a statement is made of: where to read, under what conditions, and rows that were looked for beforehand. */
export interface Reading {
  lead: Lead;
  where: string;
  /** What `@found` has to be. */
  found: readonly number[];
}

/**
 * How the rows with a filter are read. Every statement is led by an index that has the list's order and what is asked
 * for in its columns, or by one that finds few rows. Which one it is, is said to SQLite (`INDEXED BY`): without
 * statistics it would guess, and with them it would guess otherwise on every machine.
 *
 * @param also - further conditions, with the columns of the given table.
 */
export function readBy(
  filter: InteractionFilter,
  sort: Sort,
  lookups: Lookups,
  also: (facts: Lead["facts"]) => readonly string[] = () => [],
): Reading {
  const found = findText(filter, lookups);
  const lead = leadOf(filter, sort, found, lookups);
  const { facts } = lead;
  const needsRow =
    facts === "a" && (filter.q !== undefined || filter.attributes !== undefined || isOfOthersToo(filter));
  const table = needsRow ? AGENTS_AND_ROWS : lead.table;
  const conditions = [...lead.conditions, ...conditionsOf(filter, facts), ...also(facts)];
  // SQLite takes the same condition twice without looking twice; the first place is that of the index.
  const where = conditions.length === 0 ? "" : `WHERE ${[...new Set(conditions)].join(" AND ")}`;
  return { lead: { ...lead, table }, where, found: found ?? [] };
}

/** How rows are counted, from `@from` to before `@to`. */
export interface CountReading {
  /**
   * In what pieces: at once; by rows that were found beforehand (`@found`); by where they lie in the file (`@firstRow`
   * to `@lastRow`); or by their time.
   */
  by: "once" | "found" | "place" | "time";
  facts: Lead["facts"];
  table: string;
  where: string;
  found: readonly number[];
}

/**
 * How the rows with a filter are counted, which needs no order: where each has to be looked into, they are read one
 * after the other as they lie in the file, which takes a quarter of the time that an index's order does.
 */
export function readToCount(filter: InteractionFilter, lookups: Lookups): CountReading {
  // A turn has both, whatever was asked for.
  const bounded = { ...filter, from: 0, to: 0 };
  const { lead, where, found } = readBy(bounded, "-startedAt", lookups);
  const { facts, table, few } = lead;
  const inFile = (condition: string) =>
    ({
      facts: "c",
      table: ROWS,
      where: `WHERE ${[condition, ...conditionsOf(bounded, "c")].join(" AND ")}`,
      found,
    }) as const;
  if (few) return { by: "once", facts, table, where, found };
  if (found.length > 0) return { by: "found", ...inFile(`c.rowid ${FOUND}`) };
  const isOfAllTime = filter.from === undefined && filter.to === undefined;
  const isLookedInto = filter.q !== undefined || filter.attributes !== undefined;
  if (isOfAllTime && isLookedInto && table === by("catalogue_by_time").table)
    return { by: "place", ...inFile("c.rowid BETWEEN @firstRow AND @lastRow") };
  return { by: "time", facts, table, where, found };
}

function conditionsOf(filter: InteractionFilter, facts: Lead["facts"]): string[] {
  const { agent, anyAgent, customer, queue, direction, from, to, minDurationMs, coverage } = filter;
  const isAnyAgent = isOfOthersToo(filter) || facts === "c" ? hasAgent(ANY_AGENT) : `a.agent ${ANY_AGENT}`;
  return [
    ...(filter.q === undefined ? [] : [filter.inNotes === true ? SAID : "instr(c.search, @q) > 0"]),
    ...(agent === undefined ? [] : [facts === "a" ? "a.agent = @agent" : hasAgent("= @agent")]),
    ...(anyAgent === undefined ? [] : [isAnyAgent]),
    ...(customer === undefined ? [] : [`${facts}.customer = @customer`]),
    ...(queue === undefined ? [] : [`${facts}.queue = @queue`]),
    ...(direction === undefined ? [] : [`${facts}.direction = @direction`]),
    ...(from === undefined ? [] : [`${facts}.started_at >= @from`]),
    ...(to === undefined ? [] : [`${facts}.started_at < @to`]),
    ...(minDurationMs === undefined ? [] : [`${facts}.${LONGER}`]),
    ...(coverage === undefined ? [] : [`${facts}.coverage = @coverage`]),
    ...(filter.attributes ?? []).map((_, index) => hasAttribute(index)),
  ];
}

/** An agent is asked for, and one of some others has to have been there too. */
function isOfOthersToo({ agent, anyAgent }: InteractionFilter): boolean {
  return agent !== undefined && anyAgent !== undefined && !anyAgent.includes(agent.toLowerCase());
}

/** For rows that were not found by their agents. */
function hasAgent(of: string): string {
  return `EXISTS (SELECT 1 FROM json_each(c.agents) WHERE value ${of})`;
}

function hasAttribute(index: number): string {
  const among = (member: string) =>
    `SELECT 1 FROM json_each(c.manifest, '$.${member}') WHERE key = @name${index} AND value = @value${index}`;
  return `(EXISTS (${among("call")}) OR EXISTS (${among("attributes")}))`;
}

function leadOf(
  filter: InteractionFilter,
  sort: Sort,
  found: readonly number[] | null,
  lookups: Lookups,
): Lead {
  const ofFound = (column: string) => (found === null ? [] : [`${column} ${FOUND}`]);
  if (found !== null && found.length <= RARE)
    return { table: ROWS, few: true, facts: "c", conditions: ofFound("c.rowid") };
  const { minDurationMs } = filter;
  const isLong = minDurationMs !== undefined && minDurationMs > 0;
  if (isLong && lookups.count("catalogue", LONGER, RARE) <= RARE)
    return { ...by("catalogue_by_duration", `c.${LONGER}`, ...ofFound("c.rowid")), few: true };
  const [first = by("catalogue_by_time")] = leadsByTime(filter);
  const also = ofFound(first.facts === "a" ? "a.row" : "c.rowid");
  if (!sort.endsWith("durationMs")) return { ...first, conditions: [...first.conditions, ...also] };
  // Few are sorted; of many, the longest are soon found that have everything.
  const small = leadsByTime(filter).find(
    ({ table, conditions }) => lookups.count(table, conditions.join(" AND "), SOME) <= SOME,
  );
  const lead = small === undefined ? by("catalogue_by_duration") : { ...small, few: true };
  return { ...lead, conditions: [...lead.conditions, ...ofFound(lead.facts === "a" ? "a.row" : "c.rowid")] };
}

/** All indexes that have what is asked for in the order of time, the most promising first. */
function leadsByTime(filter: InteractionFilter): Lead[] {
  const { agent, anyAgent, customer, queue, coverage, direction, from, to } = filter;
  const time = [
    ...(from === undefined ? [] : ["c.started_at >= @from"]),
    ...(to === undefined ? [] : ["c.started_at < @to"]),
  ];
  const ofAgent: Lead = { table: AGENTS, few: false, facts: "a", conditions: [] };
  const byCoverage = by("catalogue_by_coverage", "c.coverage = @coverage");
  // Nearly all are recorded; the other words are rarer than any queue.
  const isRareWord = coverage !== undefined && coverage !== "recorded";
  return [
    ...(customer === undefined ? [] : [by("catalogue_by_customer", "c.customer = @customer")]),
    ...(agent === undefined ? [] : [{ ...ofAgent, conditions: ["a.agent = @agent"] }]),
    // Several agents' rows are not in one order: they are few, or each agent is read alone.
    ...(anyAgent === undefined || agent !== undefined
      ? []
      : [{ ...ofAgent, conditions: [`a.agent ${ANY_AGENT}`] }]),
    ...(isRareWord ? [byCoverage] : []),
    ...(queue === undefined ? [] : [by("catalogue_by_queue", "c.queue = @queue")]),
    ...(direction === undefined ? [] : [by("catalogue_by_direction", "c.direction = @direction")]),
    ...(coverage === undefined || isRareWord ? [] : [byCoverage]),
    ...(time.length === 0 ? [] : [by("catalogue_by_time", ...time)]),
  ];
}
