import type { AdapterDatabase } from "../../store/database.ts";
import type { Facet, FacetField } from "./query.ts";

/** More values are no help to somebody who chooses; typing some letters makes them fewer. */
const FACETS_MOST = 50;

export interface FacetQuery {
  field: FacetField;
  /** Part of the value or of what people call it; letters' case does not count. */
  q?: string;
  /** Only what interactions of these agents have. */
  anyAgent?: readonly string[];
}

/** The values that a field has in the catalogue, in the order of their labels. */
export function listFacets(database: AdapterDatabase, { field, q = "", anyAgent }: FacetQuery): Facet[] {
  const text = q.toLowerCase();
  const all = field === "agent" ? agents(database, anyAgent) : values(database, field, anyAgent);
  return all
    .filter(({ value, label }) => `${value}\n${label}`.toLowerCase().includes(text))
    .sort((left, right) => left.label.localeCompare(right.label, "en"))
    .slice(0, FACETS_MOST);
}

/** Each value by one step in the index that it leads, however many rows have it. */
function distinctSql(table: string, column: string): string {
  return `WITH RECURSIVE found(value) AS (
      SELECT min(${column}) FROM ${table}
      UNION ALL SELECT (SELECT min(${column}) FROM ${table} WHERE ${column} > value) FROM found WHERE value IS NOT NULL
    )
    SELECT value FROM found WHERE value IS NOT NULL`;
}

function agents(database: AdapterDatabase, anyAgent: readonly string[] | undefined): Facet[] {
  const nameOf = database
    .prepare<[string], string>(
      "SELECT name FROM catalogue_agents WHERE agent = ? ORDER BY started_at DESC, interaction_id DESC LIMIT 1",
    )
    .pluck();
  const all =
    anyAgent ?? database.prepare<[], string>(distinctSql("catalogue_agents", "agent")).pluck().all();
  return all.flatMap((value) => {
    const name = nameOf.get(value);
    return name === undefined ? [] : [{ value, label: name || value }];
  });
}

function values(
  database: AdapterDatabase,
  field: "queue" | "direction",
  anyAgent: readonly string[] | undefined,
): Facet[] {
  const found =
    anyAgent === undefined
      ? database.prepare<[], string>(distinctSql("catalogue", field)).pluck().all()
      : database
          .prepare<[string], string>(
            `SELECT DISTINCT ${field} FROM catalogue_agents WHERE agent IN (SELECT value FROM json_each(?))`,
          )
          .pluck()
          .all(JSON.stringify(anyAgent));
  return found.filter((value) => value !== "").map((value) => ({ value, label: value }));
}
