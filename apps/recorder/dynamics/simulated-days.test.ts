/** The mapping against the simulator's own record of what happened, which is written from people's deeds, not from rows. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { EpochMs } from "#shared/time/units.ts";
import { runsOf } from "../../../build/test/property-runs.ts";
import type { Row } from "../../../e2e/dynamics/dataverse/columns.ts";
import { propertyName } from "../../../e2e/dynamics/dataverse/columns.ts";
import { DataverseStore } from "../../../e2e/dynamics/dataverse/dataverse-store.ts";
import { entityTypeOfSet } from "../../../e2e/dynamics/dataverse/entity-types.ts";
import { seedRows } from "../../../e2e/dynamics/dataverse/seed-rows.ts";
import { expectedEvents } from "../../../e2e/dynamics/script/call-truth.ts";
import { countedIds, playAllInto, type ScriptAt } from "../../../e2e/dynamics/script/play-into.ts";
import { dayFrom, randomDays } from "../../../e2e/dynamics/script/random/random-day.ts";
import { listCallScripts, loadCallScript } from "../../../e2e/dynamics/script/shipped-scripts.ts";
import { deriveConversationEvents } from "../domain/dynamics/conversation-events.ts";
import { presenceOfHistory } from "../domain/dynamics/presence-changes.ts";
import { derivePresenceEvents } from "../domain/dynamics/presence-events.ts";
import type { MirroredRow } from "../domain/dynamics/row-state.ts";
import type { ActivityChange } from "../domain/dynamics/rows.ts";
import { SETTINGS } from "../domain/dynamics/testing/known-rows.ts";
import { ROW_TABLES, type RowKind, webApiRowSchema } from "./row-schemas.ts";

const START: EpochMs = Date.UTC(2026, 2, 2, 10);
const LONG_AFTER: EpochMs = START + 86_400_000;

type RowOf<Kind extends RowKind> = NonNullable<ReturnType<(typeof ROW_TABLES)[Kind]["toRow"]>>;

/** Events as lines such as `12 ann@contoso.com wrap-up 0001`: second, agent, type, end of the session's id. */
function line(at: EpochMs, agent: string, type: string, callSessionId: string | null): string {
  return `${(at - START) / 1_000} ${agent} ${type} ${callSessionId === null ? "all" : callSessionId.slice(-6)}`;
}

/** Plays the scripts; what the simulator wrote down, and what the mapping makes of the rows in the end. */
function playAndMap(scripts: readonly ScriptAt[]): { told: string[]; mapped: string[] } {
  const clock = { at: START, now: () => clock.at };
  const store = new DataverseStore(clock);
  seedRows(store);
  const activityChanges: ActivityChange[] = [];
  store.onWrite(({ entity, id, columns, after }) => {
    if (entity !== entityTypeOfSet(ROW_TABLES.conversation.set) || after === null) return;
    if (!columns.includes("msdyn_conversationactivitystate")) return;
    activityChanges.push({
      conversationId: id,
      version: Number(after["versionnumber"]),
      state: Number(after["msdyn_conversationactivitystate"]),
      at: Number(after["modifiedon"]),
      activeUserId: after["msdyn_activeagentid"] as string | null,
    });
  });
  const setClock = (at: EpochMs) => {
    clock.at = at;
  };
  const truths = playAllInto(store, scripts, setClock, countedIds());
  const told = expectedEvents(truths).map(({ at, agent, type, callSessionId }) =>
    line(at, agent, type, callSessionId),
  );
  return { told, mapped: mapRows(store, activityChanges) };
}

function mapRows(store: DataverseStore, activityChanges: readonly ActivityChange[]): string[] {
  const users = new Map(readAll(store, "user").map((user) => [user.id, user]));
  const presences = new Map(readAll(store, "presence").map((presence) => [presence.id, presence]));
  const sessions = readAll(store, "session");
  const participants = readAll(store, "participant");
  const conversations = readAll(store, "conversation");
  const history = readAll(store, "agent-status-history").map((row) => presenceOfHistory(row, presences));
  const ofCalls = conversations.flatMap((conversation) => {
    const own = sessions.filter((session) => session.conversationId === conversation.id);
    const isOwn = ({ sessionId }: { sessionId: string }) => own.some(({ id }) => id === sessionId);
    return deriveConversationEvents(
      {
        conversationId: conversation.id,
        conversation,
        sessions: own,
        participants: participants.filter(isOwn),
        participantEvents: readAll(store, "participant-event").filter(isOwn),
        activityChanges: activityChanges.filter((change) => change.conversationId === conversation.id),
        users,
        queueName: null,
        customer: null,
        stored: [],
        completeAsOf: LONG_AFTER,
      },
      SETTINGS,
    );
  });
  const ofPresence = [...users.values()].flatMap((user) => {
    const participations = participants
      .filter(({ userId }) => userId === user.id)
      .map((participant) => {
        const session = sessions.find(({ id }) => id === participant.sessionId) ?? null;
        const conversation = conversations.find(({ id }) => id === session?.conversationId) ?? null;
        return { participant, session, conversation };
      });
    const changes = history.filter(({ userId }) => userId === user.id);
    const knowledge = { userId: user.id, user, changes, participations, completeAsOf: LONG_AFTER };
    return derivePresenceEvents(knowledge, SETTINGS).events;
  });
  return [...ofCalls, ...ofPresence].map(({ at, userId, type, callSessionId }) =>
    line(at, users.get(userId)?.domainName ?? userId, type, callSessionId),
  );
}

/** All rows of a table, read as the Web API answers them. */
function readAll<Kind extends RowKind>(store: DataverseStore, kind: Kind): RowOf<Kind>[] {
  const table = ROW_TABLES[kind];
  const entity = entityTypeOfSet(table.set);
  if (entity === undefined) throw new TypeError(`the simulator has no ${table.set}`);
  const json = (row: Row) =>
    Object.fromEntries(
      Object.entries(entity.columns).map(([column, type]) => {
        const cell = row[column] ?? null;
        const isTime = type.kind === "datetime" && typeof cell === "number";
        return [propertyName(column, type), isTime ? new Date(cell).toISOString() : cell];
      }),
    );
  return store.rows(entity).flatMap((row) => {
    const { id, version, modifiedAt, cells } = webApiRowSchema(kind).parse(json(row));
    const mirrored: MirroredRow = {
      id,
      version: version ?? 0,
      modifiedAt,
      cells: Object.fromEntries(
        Object.entries(cells).map(([name, value]) => [
          name,
          { value, version: version ?? 0, source: "read" },
        ]),
      ),
    };
    return (table.toRow(mirrored) as RowOf<Kind> | null) ?? [];
  });
}

/** The mapping adds a wrap-up to an end that has the second of something else, so that the lifecycle takes it as one. */
function withoutWrapUpsOfEnds(mapped: readonly string[], told: readonly string[]): string[] {
  const isAdded = (one: string) =>
    one.includes(" wrap-up ") &&
    !told.includes(one) &&
    told.includes(one.replace(" wrap-up ", " agent-available "));
  return mapped.filter((one) => !isAdded(one));
}

test.each(await listCallScripts())("the rows of %s tell what happened in it", async (name) => {
  const { told, mapped } = playAndMap([{ script: await loadCallScript(name), startAt: START }]);
  expect(mapped.toSorted()).toEqual(told.toSorted());
});

test("the rows of random days tell what happened in them: no event more, none less, each at its second", () => {
  fc.assert(
    fc.property(randomDays({ agents: 4, calls: { min: 1, max: 6 }, longestS: 20 }), (day) => {
      const { told, mapped } = playAndMap(dayFrom(day, START));
      expect(withoutWrapUpsOfEnds(mapped, told).toSorted()).toEqual(told.toSorted());
    }),
    { numRuns: runsOf(200) },
  );
});
