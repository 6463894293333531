import { columnOfProperty, type EntityType, type Row } from "../dataverse/columns.ts";
import { badQuery, notSimulated, unknownProperty } from "./dataverse-error.ts";
import { compileFilter } from "./filter-evaluator.ts";
import { parseFilter } from "./filter-parser.ts";

/** The most rows that Dataverse puts on a page. */
export const PAGE_SIZE_MAX = 5_000;

/** One `$orderby` term, by column (not by property). */
export interface Order {
  readonly column: string;
  readonly descending: boolean;
}

/** A query of an entity set, checked against the table. */
export interface QueryOptions {
  /** Properties to answer with; null = all. */
  readonly select: readonly string[] | null;
  readonly filter: (row: Row) => boolean;
  readonly orderBy: readonly Order[];
  readonly top: number | null;
  readonly skipToken: string | null;
  readonly deltaToken: string | null;
}

const ON_SETS = ["$select", "$filter", "$orderby", "$top", "$skiptoken", "$deltatoken"];
const ON_ROWS = ["$select"];

/**
 * Reads the system query options of a request for an entity set, or for a single row.
 *
 * @param query - the raw query string without `?`; `+` counts as a space.
 * @throws DataverseError 400 for what Dataverse refuses, 501 for options that the simulator does not have.
 */
export function parseQueryOptions(query: string, entity: EntityType, on: "set" | "row"): QueryOptions {
  const parameters = new URLSearchParams(query);
  for (const name of new Set(parameters.keys())) {
    if (parameters.getAll(name).length > 1)
      throw badQuery(`Query option '${name}' was specified more than once.`);
    if (name === "$skip") throw badQuery("Skip Clause is not supported in CRM");
    const known = on === "set" ? ON_SETS : ON_ROWS;
    if (name.startsWith("$") && !known.includes(name))
      throw notSimulated(`the query option ${name} on a ${on}`);
  }
  const filter = parameters.get("$filter");
  return {
    select: parseSelect(parameters.get("$select"), entity),
    filter: filter === null ? () => true : compileFilter(parseFilter(filter), entity),
    orderBy: parseOrderBy(parameters.get("$orderby"), entity),
    top: parseTop(parameters.get("$top")),
    skipToken: parameters.get("$skiptoken"),
    deltaToken: parameters.get("$deltatoken"),
  };
}

function parseSelect(text: string | null, entity: EntityType): string[] | null {
  if (text === null) return null;
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (columnOfProperty(entity, name) === undefined) throw unknownProperty(name, entity.logicalName);
  }
  return [...new Set(names)];
}

function parseOrderBy(text: string | null, entity: EntityType): Order[] {
  if (text === null) return [];
  return text.split(",").map((term) => {
    const [name = "", direction = "asc", ...rest] = term.trim().split(/\s+/);
    if (rest.length > 0 || (direction !== "asc" && direction !== "desc")) {
      throw badQuery(`Syntax error in $orderby at '${term.trim()}'; allowed: a property, then asc or desc.`);
    }
    const found = columnOfProperty(entity, name);
    if (found === undefined) throw unknownProperty(name, entity.logicalName);
    return { column: found.column, descending: direction === "desc" };
  });
}

function parseTop(text: string | null): number | null {
  if (text === null) return null;
  const top = /^\d+$/.test(text) ? Number(text) : 0;
  if (top >= 1 && top <= PAGE_SIZE_MAX) return top;
  throw badQuery(`Invalid value '${text}' for $top; allowed: a whole number from 1 to ${PAGE_SIZE_MAX}.`);
}
