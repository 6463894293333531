import type { EpochMs } from "#shared/time/units.ts";
import type { Row } from "../../../../e2e/dynamics/dataverse/columns.ts";
import { propertyName } from "../../../../e2e/dynamics/dataverse/columns.ts";
import { DataverseStore, type StoreWrite } from "../../../../e2e/dynamics/dataverse/dataverse-store.ts";
import { entityTypeOfSet } from "../../../../e2e/dynamics/dataverse/entity-types.ts";
import { seedRows } from "../../../../e2e/dynamics/dataverse/seed-rows.ts";
import { lookupResolver } from "../../../../e2e/dynamics/odata/lookup-resolver.ts";
import { type ExpectedEvent, expectedEvents } from "../../../../e2e/dynamics/script/call-truth.ts";
import { countedIds, playAllInto, type ScriptAt } from "../../../../e2e/dynamics/script/play-into.ts";
import { remoteExecutionContext } from "../../../../e2e/dynamics/webhooks/remote-execution-context.ts";
import type { RowState } from "../../domain/dynamics/row-state.ts";
import type { WebhookPost } from "../../call-buffer/webhook-posts.ts";
import {
  columnsOf,
  imageAttributesOf,
  ROW_KINDS,
  ROW_TABLES,
  type RowKind,
  webApiRowSchema,
} from "../row-schemas.ts";
import { WATCHED_NAMES } from "../registration/wanted-rows.ts";
import type { RowSelection, RowSource, RowsRead } from "../row-source.ts";

interface Moment {
  at: EpochMs;
  kind: RowKind;
  write: StoreWrite;
}

/** A day of calls that was played at once and happens again, write by write, on a clock that the test sets. */
export class ReplayedDynamics implements RowSource {
  readonly expected: readonly ExpectedEvent[];
  /** Every write that a webhook is registered for, in order. */
  readonly posts: readonly { at: EpochMs; post: Omit<WebhookPost, "id" | "receivedAt"> }[];
  /** What happens while a read is under way. */
  onRead: () => Promise<void> = () => Promise.resolve();
  readonly #writes: readonly Moment[];
  readonly #rows = new Map<RowKind, Map<string, Row>>();
  #done = 0;
  #now: EpochMs = 0;

  constructor(scripts: readonly ScriptAt[], before: EpochMs) {
    const clock = { at: before, now: () => clock.at };
    const store = new DataverseStore(clock);
    const writes: Moment[] = [];
    const posts: ReplayedDynamics["posts"][number][] = [];
    store.onWrite((write) => {
      const kind = ROW_KINDS.find((one) => ROW_TABLES[one].logicalName === write.entity.logicalName);
      if (kind === undefined) return;
      writes.push({ at: clock.at, kind, write });
      const isWatched = WATCHED_NAMES.includes(write.entity.logicalName);
      const tells =
        write.message === "Create" || write.columns.some((name) => columnsOf(kind).includes(name));
      if (isWatched && tells)
        posts.push({ at: clock.at, post: { headers: {}, body: contextOf(kind, write, clock.at, store) } });
    });
    seedRows(store);
    const truths = playAllInto(store, scripts, (at) => (clock.at = at), countedIds());
    this.expected = expectedEvents(truths);
    this.posts = posts;
    this.#writes = writes;
  }

  /** Everything that was written until then is there, and nothing else. */
  advanceTo(now: EpochMs): void {
    this.#now = now;
    for (
      let next = this.#writes[this.#done];
      next !== undefined && next.at <= now;
      next = this.#writes[this.#done]
    ) {
      const { kind, write } = next;
      const table = this.#rows.get(kind) ?? new Map<string, Row>();
      this.#rows.set(kind, table);
      if (write.after === null) table.delete(write.id);
      else table.set(write.id, write.after);
      this.#done += 1;
    }
  }

  async read(kind: RowKind, selection: RowSelection): Promise<RowsRead> {
    // As a Date header: the second is cut.
    const readAt = Math.floor(this.#now / 1_000) * 1_000;
    await this.onRead();
    const rows = [...(this.#rows.get(kind)?.values() ?? [])]
      .filter((row) => isSelected(kind, row, selection))
      .map((row) => stateOf(kind, row));
    return { rows, readAt };
  }

  /** A column of a row as it is now. */
  cell(kind: RowKind, id: string, column: string): unknown {
    return this.#rows.get(kind)?.get(id)?.[column];
  }
}

function isSelected(kind: RowKind, row: Row, selection: RowSelection): boolean {
  const isOne = (column: string, ids: readonly string[]) => ids.includes(String(row[column]));
  if ("all" in selection) return true;
  if ("isOpen" in selection) return row["statecode"] === 0;
  if ("ids" in selection) return isOne(ROW_TABLES[kind].key, selection.ids);
  if ("ofConversations" in selection) return isOne("msdyn_liveworkitemid", selection.ofConversations);
  if ("ofSessions" in selection) {
    return isOne(
      kind === "participant" ? "msdyn_omnichannelsession" : "msdyn_sessionid",
      selection.ofSessions,
    );
  }
  const { changedSince, changedBefore = Number.POSITIVE_INFINITY, ofAgents } = selection;
  const modifiedAt = Number(row["modifiedon"]);
  const isThen = modifiedAt >= changedSince && modifiedAt < changedBefore;
  return isThen && (ofAgents === undefined || isOne("msdyn_agentid", ofAgents));
}

function stateOf(kind: RowKind, row: Row): RowState {
  const entity = entityTypeOfSet(ROW_TABLES[kind].set);
  const json = Object.entries(entity?.columns ?? {}).map(([column, type]) => {
    const cell = row[column] ?? null;
    const isTime = type.kind === "datetime" && typeof cell === "number";
    return [propertyName(column, type), isTime ? new Date(cell).toISOString() : cell];
  });
  return webApiRowSchema(kind).parse(Object.fromEntries(json));
}

function contextOf(kind: RowKind, write: StoreWrite, at: EpochMs, store: DataverseStore): string {
  return JSON.stringify(
    remoteExecutionContext({
      write,
      at,
      stepId: "00000000-0000-4000-8000-00000000000a",
      correlationId: "00000000-0000-4000-8000-00000000000b",
      requestId: "00000000-0000-4000-8000-00000000000c",
      operationId: "00000000-0000-4000-8000-00000000000d",
      images: [{ alias: "PostImage", when: "after", columns: imageAttributesOf(kind).split(",") }],
      language: "en",
      multiSelect: "options",
      resolveLookup: lookupResolver(store),
    }),
  );
}
