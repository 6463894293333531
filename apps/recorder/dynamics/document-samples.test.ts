/** The shapes that Microsoft documents, from the post or the answer to the call events. */
import { expect, test } from "vitest";
import { deriveConversationEvents } from "../domain/dynamics/conversation-events.ts";
import { mergeRow } from "../domain/dynamics/merge-rows.ts";
import { presenceOfStatus } from "../domain/dynamics/presence-changes.ts";
import type { MirroredRow, RowState } from "../domain/dynamics/row-state.ts";
import { known, PRESENCE, SETTINGS, user } from "../domain/dynamics/testing/known-rows.ts";
import agentStatusChanged from "./fixtures/agent-status-changed.json" with { type: "json" };
import agentStatusRow from "./fixtures/agent-status-row.json" with { type: "json" };
import callRows from "./fixtures/call-rows.json" with { type: "json" };
import participantJoined from "./fixtures/participant-joined.json" with { type: "json" };
import { readRemoteContext } from "./remote-context.ts";
import { columnsOf, ROW_TABLES, type RowKind, selectOf, webApiRowSchema } from "./row-schemas.ts";

const CALL = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
const ANN = "97c90b02-4e38-ef11-a315-000d3a5a54dc";
const BOB = "97c90b02-4e38-ef11-a315-000d3a5a54dd";
const BUSY = "efdeb843-c07a-e811-8162-000d3aa11f50";
const USERS = new Map([ANN, BOB].map((id) => [id, user(id)]));

/** The row as the Web API answers our `$select`: the samples show fewer columns. */
function readRow(kind: RowKind, sample: object, more: object = {}): MirroredRow {
  const selected = selectOf(kind).split(",");
  const json = {
    ...Object.fromEntries(selected.map((name) => [name, null])),
    versionnumber: 1,
    ...sample,
    ...more,
  };
  return mergeRow(null, webApiRowSchema(kind).parse(json), columnsOf(kind)).row;
}

function present<Row>(row: Row | null): Row[] {
  return row === null ? [] : [row];
}

function stateOf(body: unknown): RowState {
  const context = readRemoteContext(body, {});
  if (context.kind !== "row" || context.state === null) throw new TypeError("the post shows no row");
  return context.state;
}

test("a transferred call by its rows", () => {
  const { conversation, session, participant } = ROW_TABLES;
  const [call] = callRows.msdyn_ocliveworkitems;
  const knowledge = known({
    conversationId: CALL,
    conversation: conversation.toRow(readRow("conversation", call ?? {})),
    sessions: callRows.msdyn_ocsessions.flatMap((row) => present(session.toRow(readRow("session", row)))),
    participants: callRows.msdyn_sessionparticipants.flatMap((row) =>
      present(participant.toRow(readRow("participant", row, { createdon: row.msdyn_addedon }))),
    ),
    users: USERS,
  });
  const lines = deriveConversationEvents(knowledge, SETTINGS).map(
    ({ userId, type, at }) =>
      `${new Date(at).toISOString().slice(11, 19)} ${userId === ANN ? "ann" : "bob"} ${type}`,
  );
  expect(lines).toEqual([
    "10:02:30 ann ringing",
    "10:02:41 ann connected",
    "10:09:01 bob ringing",
    "10:09:10 bob connected",
    "10:09:12 ann wrap-up",
    "10:18:03 bob wrap-up",
    "10:18:40 ann agent-available",
    "10:18:40 bob agent-available",
  ]);
});

test("the post of an answer says nothing alone, since its image is thin, and the answer once the offer is known", () => {
  const joined = stateOf(participantJoined);
  expect(joined).toEqual({
    id: "c1000000-0000-4000-8000-000000000001",
    version: 5_948_301,
    modifiedAt: 1_772_445_762_000,
    source: "post",
    cells: {
      msdyn_agentid: ANN,
      msdyn_joinedon: 1_772_445_761_000,
      msdyn_mode: 192_350_002,
      msdyn_omnichannelsession: "b1000000-0000-4000-8000-000000000001",
    },
    written: ["msdyn_sessionparticipantid", "msdyn_joinedon", "modifiedon"],
  });
  const alone = mergeRow(null, joined, columnsOf("participant"));
  expect(alone.missing).toEqual(["createdon", "msdyn_addedon", "msdyn_lefton", "msdyn_conversationaccess"]);

  const offer = readRow("participant", {
    msdyn_sessionparticipantid: "c1000000-0000-4000-8000-000000000001",
    _msdyn_omnichannelsession_value: "b1000000-0000-4000-8000-000000000001",
    _msdyn_agentid_value: ANN,
    msdyn_mode: 192_350_002,
    createdon: "2026-03-02T10:02:30Z",
  });
  const { row, missing } = mergeRow(offer, joined, columnsOf("participant"));
  expect(missing).toEqual([]);
  const participant = ROW_TABLES.participant.toRow(row);
  const events = deriveConversationEvents(
    known({ conversationId: CALL, participants: present(participant), users: USERS }),
    SETTINGS,
  );
  expect(events.map(({ id }) => id)).toEqual([
    `${CALL}:${ANN}:ringing:1772445750`,
    `${CALL}:${ANN}:connected:1772445761`,
  ]);
});

test("an agent's presence by the status row and by the post of its change", () => {
  const presences = new Map([[BUSY, { id: BUSY, version: 1, base: PRESENCE.busy }]]);
  const read = ROW_TABLES["agent-status"].toRow(readRow("agent-status", agentStatusRow));
  expect(read && presenceOfStatus(read, null, presences)).toEqual({
    userId: ANN,
    at: Date.UTC(2026, 2, 2, 10, 2, 30),
    base: PRESENCE.busy,
    isLoggedIn: true,
  });
  const post = mergeRow(null, stateOf(agentStatusChanged), columnsOf("agent-status"));
  expect(post.missing).toEqual([]);
  const posted = ROW_TABLES["agent-status"].toRow(post.row);
  expect(posted && presenceOfStatus(posted, null, presences)).toEqual({
    userId: ANN,
    at: 1_722_582_038_000,
    base: PRESENCE.busy,
    isLoggedIn: true,
  });
});
