import type { EpochMs } from "#shared/time/units.ts";
import { cutToSecond } from "../../apps/recorder/domain/dynamics/whole-seconds.ts";
import { ROW_TABLES, type RowKind, webApiRowSchema } from "../../apps/recorder/dynamics/row-schemas.ts";
import type { RowSelection, RowSource, RowsRead } from "../../apps/recorder/dynamics/row-source.ts";
import { type EntityType, propertyName, type Row } from "../dynamics/dataverse/columns.ts";
import { entityTypeOfSet } from "../dynamics/dataverse/entity-types.ts";
import type { TimedWrite } from "./recorded-day.ts";

/** The column by which rows of a kind belong to a conversation, a session or an agent. */
const CONVERSATION_COLUMN = "msdyn_liveworkitemid";
const SESSION_COLUMNS: Partial<Record<RowKind, string>> = {
  participant: "msdyn_omnichannelsession",
  "participant-event": "msdyn_sessionid",
};
const AGENT_COLUMN = "msdyn_agentid";

/** A day's rows as they are at a moment, read as the Web API answers them. */
export class VisibleRows implements RowSource {
  readonly #writes: readonly TimedWrite[];
  readonly #now: () => EpochMs;
  readonly #tables = new Map<EntityType, Map<string, Row>>();
  #shown = 0;

  /** @param writes - in the order in which they were made. */
  constructor(writes: readonly TimedWrite[], now: () => EpochMs) {
    this.#writes = writes;
    this.#now = now;
  }

  async read(kind: RowKind, selection: RowSelection): Promise<RowsRead> {
    const entity = entityOf(kind);
    const rows = this.rows(kind).filter((row) => isSelected(kind, row, selection));
    if ("changedSince" in selection) rows.sort((left, right) => modifiedAt(left) - modifiedAt(right));
    return {
      rows: rows.map((row) => webApiRowSchema(kind).parse(toJson(row, entity))),
      readAt: cutToSecond(this.#now()),
    };
  }

  /** A table as it is now, columns by logical name. */
  rows(kind: RowKind): Row[] {
    this.#catchUp();
    return [...(this.#tables.get(entityOf(kind))?.values() ?? [])];
  }

  #catchUp(): void {
    for (;;) {
      const next = this.#writes[this.#shown];
      if (next === undefined || next.at > this.#now()) return;
      this.#shown += 1;
      const { entity, id, after } = next.write;
      const table = this.#tables.get(entity) ?? new Map<string, Row>();
      this.#tables.set(entity, table);
      if (after === null) table.delete(id);
      else table.set(id, after);
    }
  }
}

function entityOf(kind: RowKind): EntityType {
  const entity = entityTypeOfSet(ROW_TABLES[kind].set);
  if (entity === undefined) throw new TypeError(`the simulator has no ${ROW_TABLES[kind].set}`);
  return entity;
}

function isSelected(kind: RowKind, row: Row, selection: RowSelection): boolean {
  if ("all" in selection) return true;
  if ("isOpen" in selection) return row["statecode"] === 0;
  if ("ids" in selection) return selection.ids.includes(String(row[ROW_TABLES[kind].key]));
  if ("ofConversations" in selection) {
    return selection.ofConversations.includes(String(row[CONVERSATION_COLUMN]));
  }
  if ("ofSessions" in selection) {
    return selection.ofSessions.includes(String(row[SESSION_COLUMNS[kind] ?? ""]));
  }
  const { changedSince, changedBefore = Number.POSITIVE_INFINITY } = selection;
  if (modifiedAt(row) < changedSince || modifiedAt(row) >= changedBefore) return false;
  return selection.ofAgents === undefined || selection.ofAgents.includes(String(row[AGENT_COLUMN]));
}

function modifiedAt(row: Row): EpochMs {
  return Number(row["modifiedon"]);
}

function toJson(row: Row, entity: EntityType): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(entity.columns).map(([column, type]) => {
      const cell = row[column] ?? null;
      const isTime = type.kind === "datetime" && typeof cell === "number";
      return [propertyName(column, type), isTime ? new Date(cell).toISOString() : cell];
    }),
  );
}
