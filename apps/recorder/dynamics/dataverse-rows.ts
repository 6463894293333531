import { z } from "zod";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import type { Log } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { RowState } from "../domain/dynamics/row-state.ts";
import { ROW_TABLES, type RowKind, selectOf, webApiRowSchema } from "./row-schemas.ts";
import type { RowSelection, RowSource, RowsRead } from "./row-source.ts";

/** Ids that one `or` chain of a filter may hold without Dataverse refusing the query as too long. */
const IDS_PER_QUERY = 40;

/** The column by which rows belong to an agent. */
const AGENT_COLUMN = "_msdyn_agentid_value";
/** The column by which rows belong to a session. */
const SESSION_COLUMNS: Partial<Record<RowKind, string>> = {
  participant: "_msdyn_omnichannelsession_value",
  "participant-event": "_msdyn_sessionid_value",
};

/** Told of rows that cannot be read: no column of theirs has the form that it always has. */
export type OnFaultyRow = (kind: RowKind, reason: string) => void;

/** Reads rows by Dataverse's Web API: one query, or one per 40 ids. */
export class DataverseRows implements RowSource {
  readonly #client: DataverseClient;
  readonly #log: Log;
  readonly #onFaulty: OnFaultyRow;

  constructor(client: DataverseClient, log: Log, onFaulty: OnFaultyRow) {
    this.#client = client;
    this.#log = log;
    this.#onFaulty = onFaulty;
  }

  async read(kind: RowKind, selection: RowSelection, signal: AbortSignal): Promise<RowsRead> {
    const rows: RowState[] = [];
    let readAt: EpochMs | null = null;
    for (const filter of filtersOf(kind, selection)) {
      const order = "changedSince" in selection ? `&$orderby=modifiedon asc,${ROW_TABLES[kind].key} asc` : "";
      const path = `${ROW_TABLES[kind].set}?$select=${selectOf(kind)}${filter}${order}`;
      // Read page by page, as they come: media waits while one is read.
      const rowSchema = z.unknown().transform((json) => this.#readRow(kind, json));
      const read = await this.#client.readAllDated(path.replaceAll(" ", "%20"), rowSchema, signal);
      for (const row of read.rows) if (row !== null) rows.push(row);
      readAt ??= read.readAt;
    }
    return { rows, readAt: readAt ?? 0 };
  }

  /** One row that cannot be read must not keep back all the others, for ever. */
  #readRow(kind: RowKind, json: unknown): RowState | null {
    const parsed = webApiRowSchema(kind).safeParse(json);
    if (parsed.success) return parsed.data;
    const reason = z.prettifyError(parsed.error);
    const id = (json as Record<string, unknown> | null)?.[ROW_TABLES[kind].key];
    this.#log.error({ table: ROW_TABLES[kind].logicalName, id, reason }, "Dynamics row cannot be read");
    this.#onFaulty(kind, reason);
    return null;
  }
}

/** The filters of the queries that a selection takes, none for no ids. */
function filtersOf(kind: RowKind, selection: RowSelection): string[] {
  if ("all" in selection) return [""];
  if ("isOpen" in selection) return ["&$filter=statecode eq 0"];
  if ("ids" in selection) return anyOf(ROW_TABLES[kind].key, selection.ids);
  if ("ofConversations" in selection) return anyOf("_msdyn_liveworkitemid_value", selection.ofConversations);
  if ("ofSessions" in selection) {
    const column = SESSION_COLUMNS[kind];
    if (column === undefined) throw new RangeError(`${kind} is not of a session`);
    return anyOf(column, selection.ofSessions);
  }
  const { changedSince, changedBefore } = selection;
  const until = changedBefore === undefined ? "" : ` and modifiedon lt ${wholeSecond(changedBefore)}`;
  const since = `modifiedon ge ${wholeSecond(changedSince)}${until}`;
  if (selection.ofAgents === undefined) return [`&$filter=${since}`];
  return anyOf(AGENT_COLUMN, selection.ofAgents, ` and ${since}`);
}

function anyOf(column: string, ids: readonly string[], rest = ""): string[] {
  const filters: string[] = [];
  for (let start = 0; start < ids.length; start += IDS_PER_QUERY) {
    const chain = ids.slice(start, start + IDS_PER_QUERY).map((id) => `${column} eq ${id}`);
    filters.push(`&$filter=(${chain.join(" or ")})${rest}`);
  }
  return filters;
}

function wholeSecond(at: EpochMs): string {
  return formatInstant(at).replace(/\.\d+Z$/, "Z");
}
