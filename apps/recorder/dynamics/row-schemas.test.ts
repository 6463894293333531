import { describe, expect, test } from "vitest";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { mergeRow } from "../domain/dynamics/merge-rows.ts";
import type { MirroredRow } from "../domain/dynamics/row-state.ts";
import { SETTINGS } from "../domain/dynamics/testing/known-rows.ts";
import { readActivityChange } from "./activity-change.ts";
import { mappingSettings } from "./mapping-config.ts";
import {
  columnsOf,
  imageAttributesOf,
  ROW_KINDS,
  ROW_TABLES,
  type RowKind,
  selectOf,
  webApiRowSchema,
} from "./row-schemas.ts";

const ID = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
const OTHER = "b1000000-0000-4000-8000-000000000001";

/** An answer with every selected column, empty where nothing is given. */
function answer(kind: RowKind, cells: Record<string, unknown> = {}): Record<string, unknown> {
  const empty = Object.fromEntries(
    selectOf(kind)
      .split(",")
      .map((name) => [name, null]),
  );
  const head = { [ROW_TABLES[kind].key]: ID, versionnumber: 7, modifiedon: "2026-03-02T10:02:41Z" };
  return { "@odata.etag": 'W/"7"', ...empty, ...head, ...cells };
}

function read(kind: RowKind, cells: Record<string, unknown>): MirroredRow {
  return mergeRow(null, webApiRowSchema(kind).parse(answer(kind, cells)), columnsOf(kind)).row;
}

test("a query selects lookups by their property, the key, and what orders states", () => {
  expect(selectOf("participant")).toBe(
    "msdyn_sessionparticipantid,_msdyn_omnichannelsession_value,_msdyn_agentid_value,msdyn_mode,createdon,msdyn_addedon,msdyn_joinedon,msdyn_lefton,msdyn_conversationaccess,modifiedon,versionnumber",
  );
});

test("an image has the same columns by their own names", () => {
  expect(imageAttributesOf("participant")).toBe(
    "msdyn_omnichannelsession,msdyn_agentid,msdyn_mode,createdon,msdyn_addedon,msdyn_joinedon,msdyn_lefton,msdyn_conversationaccess,modifiedon",
  );
});

test.each(ROW_KINDS)("an empty row of %s is read, and is no row where it would say nothing", (kind) => {
  expect(() => ROW_TABLES[kind].toRow(read(kind, {}))).not.toThrow();
});

describe("the Web API's rows", () => {
  test("a conversation", () => {
    const row = ROW_TABLES.conversation.toRow(
      read("conversation", {
        msdyn_channel: "192360000,192440000",
        statuscode: 4,
        msdyn_wrapupinitiatedon: "2026-03-02T10:18:03Z",
        msdyn_closedon: "2026-03-02T10:18:40Z",
        _msdyn_activeagentid_value: OTHER.toUpperCase(),
        msdyn_conversationactivitystate: 3,
        msdyn_isoutbound: false,
        _msdyn_cdsqueueid_value: OTHER,
      }),
    );
    expect(row).toEqual({
      id: ID,
      version: 7,
      channels: [192_360_000, 192_440_000],
      status: 4,
      wrapUpAt: Date.UTC(2026, 2, 2, 10, 18, 3),
      closedAt: Date.UTC(2026, 2, 2, 10, 18, 40),
      activeUserId: OTHER,
      activityState: 3,
      isOutbound: false,
      queueId: OTHER,
    });
  });

  test("a session", () => {
    const cells = {
      _msdyn_liveworkitemid_value: OTHER,
      msdyn_sessionclosedon: "2026-03-02T10:09:12Z",
      msdyn_closurereason: 192_350_006,
    };
    expect(ROW_TABLES.session.toRow(read("session", cells))).toEqual({
      id: ID,
      version: 7,
      conversationId: OTHER,
      channels: [],
      wrapUpAt: null,
      closedAt: Date.UTC(2026, 2, 2, 10, 9, 12),
      closureReason: 192_350_006,
    });
  });

  test("a participant event", () => {
    const cells = {
      _msdyn_sessionid_value: OTHER,
      _msdyn_sessionparticipantid_value: ID,
      msdyn_eventtype: 192_350_001,
      msdyn_eventstarttime: "2026-03-02T10:09:12.700Z",
    };
    expect(ROW_TABLES["participant-event"].toRow(read("participant-event", cells))).toEqual({
      id: ID,
      version: 7,
      sessionId: OTHER,
      participantId: ID,
      type: 192_350_001,
      startedAt: Date.UTC(2026, 2, 2, 10, 9, 12),
      endedAt: null,
    });
  });

  test("a person and a bot", () => {
    const person = {
      azureactivedirectoryobjectid: OTHER.toUpperCase(),
      domainname: "ann@contoso.com",
      fullname: "Ann",
    };
    expect(ROW_TABLES.user.toRow(read("user", person))).toEqual({
      id: ID,
      version: 7,
      entraId: OTHER,
      domainName: "ann@contoso.com",
      email: null,
      fullName: "Ann",
      isBot: false,
    });
    expect(ROW_TABLES.user.toRow(read("user", { msdyn_botapplicationid: OTHER }))?.isBot).toBe(true);
  });

  test("a presence, a queue and a call's numbers", () => {
    expect(ROW_TABLES.presence.toRow(read("presence", { msdyn_basepresencestatus: 192_360_003 }))?.base).toBe(
      192_360_003,
    );
    expect(ROW_TABLES.queue.toRow(read("queue", { name: "Billing" }))?.name).toBe("Billing");
    expect(
      ROW_TABLES["phone-context"].toRow(
        read("phone-context", { _msdyn_liveworkitemid_value: OTHER, msdyn_fromphone: "+14255550100" }),
      ),
    ).toEqual({ id: ID, version: 7, conversationId: OTHER, from: "+14255550100", to: null });
  });

  test("a participant of no session, a session of no conversation, a conversation without status are no rows", () => {
    expect(
      ROW_TABLES.participant.toRow(read("participant", { createdon: "2026-03-02T10:02:41Z" })),
    ).toBeNull();
    expect(ROW_TABLES.session.toRow(read("session", {}))).toBeNull();
    expect(ROW_TABLES.conversation.toRow(read("conversation", {}))).toBeNull();
  });

  test.each([
    ["a selected column that is not in the answer", "msdyn_mode", undefined],
    ["a label in place of a number", "msdyn_mode", "Primary"],
    ["a time that is none", "msdyn_joinedon", "02.03.2026 10:02"],
    ["a version that is none", "versionnumber", null],
  ])("%s is refused by name", (_name, column, value) => {
    const json = answer("participant", { [column]: value });
    if (value === undefined) delete json[column];
    const parsed = webApiRowSchema("participant").safeParse(json);
    expect(parsed.error?.issues.map(({ path }) => path)).toEqual([[column]]);
  });
});

describe("changes of the activity state", () => {
  const row = ROW_TABLES.conversation.toRow(
    read("conversation", { statuscode: 2, _msdyn_activeagentid_value: OTHER }),
  );
  const state = { id: ID, version: 8, modifiedAt: 5_000 };
  const hold = { msdyn_conversationactivitystate: 2 };

  test.each([
    [
      "a post that wrote it",
      { source: "post", cells: hold, written: ["msdyn_conversationactivitystate"] },
      true,
    ],
    ["a post that wrote something else", { source: "post", cells: hold, written: ["statuscode"] }, false],
    ["a read", { source: "read", cells: hold, written: null }, true],
    [
      "a read of a row without it",
      { source: "read", cells: { msdyn_conversationactivitystate: null }, written: null },
      false,
    ],
  ] as const)("%s", (_name, seen, tells) => {
    const change = row && readActivityChange({ ...state, ...seen }, row);
    const expected = { conversationId: ID, version: 8, state: 2, at: 5_000, activeUserId: OTHER };
    expect(change).toEqual(tells ? expected : null);
  });

  test("the active agent is the one that the state shows, if it shows any", () => {
    const cells = { ...hold, msdyn_activeagentid: ID };
    expect(
      row && readActivityChange({ ...state, source: "read", cells, written: null }, row)?.activeUserId,
    ).toBe(ID);
    const nobody = { ...hold, msdyn_activeagentid: null };
    expect(
      row &&
        readActivityChange({ ...state, source: "read", cells: nobody, written: null }, row)?.activeUserId,
    ).toBeNull();
  });
});

test("the tests of the mapping use the configuration's defaults", () => {
  const tree = {
    dynamics: {
      url: "https://contoso.crm4.dynamics.com",
      tenantId: "t",
      clientId: "c",
      clientSecretFile: "s",
    },
  };
  const { dynamics } = configSchema("/").parse(tree);
  expect(dynamics && mappingSettings(dynamics.mapping)).toEqual(SETTINGS);
});
