import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runsOf } from "../../../build/test/property-runs.ts";
import { columnsOf } from "./row-schemas.ts";
import { readRemoteContext, SIZE_EXCEEDED_HEADER, WebhookError } from "./remote-context.ts";

const ID = "c1000000-0000-4000-8000-000000000001";
const SESSION = "b1000000-0000-4000-8000-000000000001";
const AGENT = "97c90b02-4e38-ef11-a315-000d3a5a54dc";
const CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts";

type Attributes = Record<string, unknown>;

function entity(attributes: Attributes, rowVersion: unknown, labels: Record<string, string> = {}) {
  const list = (values: Attributes) => Object.entries(values).map(([key, value]) => ({ key, value }));
  return {
    __type: `Entity:${CONTRACTS}`,
    Attributes: list(attributes),
    FormattedValues: list(labels),
    Id: ID,
    RowVersion: rowVersion,
  };
}

/** A post about a participant, or another table. */
function post(facts: {
  message?: string;
  table?: string;
  target?: Attributes;
  image?: Attributes;
  versions?: [target: unknown, image: unknown];
  labels?: Record<string, string>;
}): Record<string, unknown> {
  const { message = "Update", table = "msdyn_sessionparticipant", target = {}, image, labels } = facts;
  const [targetVersion, imageVersion] = facts.versions ?? ["100", null];
  return {
    MessageName: message,
    PrimaryEntityName: table,
    PrimaryEntityId: ID,
    OperationCreatedOn: "/Date(1772445762999+0000)/",
    InputParameters: [{ key: "Target", value: entity(target, targetVersion, labels) }],
    PostEntityImages:
      image === undefined ? [] : [{ key: "PostImage", value: entity(image, imageVersion, labels) }],
  };
}

function lookup(id: string, logicalName: string) {
  return { __type: `EntityReference:${CONTRACTS}`, Id: id, LogicalName: logicalName, Name: "Ann Agent" };
}

function option(value: number) {
  return { __type: `OptionSetValue:${CONTRACTS}`, Value: value };
}

function stateOf(body: unknown) {
  const context = readRemoteContext(body, {});
  return context.kind === "row" ? context.state : null;
}

/** What a participant's row always has. */
const OFFERED: Attributes = {
  msdyn_omnichannelsession: lookup(SESSION, "msdyn_ocsession"),
  msdyn_agentid: lookup(AGENT, "systemuser"),
  msdyn_mode: option(192_350_002),
  createdon: "/Date(1772445750000)/",
  modifiedon: "/Date(1772445750000)/",
};
const OFFERED_CELLS = {
  msdyn_omnichannelsession: SESSION,
  msdyn_agentid: AGENT,
  msdyn_mode: 192_350_002,
  createdon: 1_772_445_750_000,
};
const EMPTY_CELLS = {
  msdyn_addedon: null,
  msdyn_joinedon: null,
  msdyn_lefton: null,
  msdyn_conversationaccess: null,
};

describe("what a post shows of its row", () => {
  test("a Create: all that is not empty is in Target", () => {
    const context = readRemoteContext(post({ message: "Create", target: OFFERED }), {});
    expect(context).toEqual({
      kind: "row",
      table: "participant",
      id: ID,
      message: "Create",
      at: 1_772_445_750_000,
      state: {
        id: ID,
        version: 100,
        modifiedAt: 1_772_445_750_000,
        source: "post",
        cells: { ...OFFERED_CELLS, ...EMPTY_CELLS },
        written: Object.keys(OFFERED),
      },
    });
  });

  test("an Update with an image: the row after it, empty where the image has nothing", () => {
    const state = stateOf(
      post({
        target: { msdyn_joinedon: "/Date(1772445761000)/", modifiedon: "/Date(1772445762000)/" },
        image: { ...OFFERED, msdyn_joinedon: "/Date(1772445761000)/", modifiedon: "/Date(1772445762000)/" },
        versions: ["101", "102"],
      }),
    );
    expect(state).toMatchObject({
      version: 102,
      modifiedAt: 1_772_445_762_000,
      written: ["msdyn_joinedon", "modifiedon"],
      cells: { ...OFFERED_CELLS, ...EMPTY_CELLS, msdyn_joinedon: 1_772_445_761_000 },
    });
    expect(Object.keys(state?.cells ?? {}).sort()).toEqual([...columnsOf("participant")].sort());
  });

  test("an Update without image: only what it wrote, also what it emptied", () => {
    const target = { msdyn_joinedon: "/Date(1772445761000)/", msdyn_lefton: null };
    expect(stateOf(post({ target }))?.cells).toEqual({
      msdyn_joinedon: 1_772_445_761_000,
      msdyn_lefton: null,
    });
  });

  test("an Update with the image of another registration: only what that has", () => {
    const image = { msdyn_mode: option(192_350_002) };
    expect(stateOf(post({ target: { msdyn_lefton: "/Date(1772445790000)/" }, image }))?.cells).toEqual({
      msdyn_lefton: 1_772_445_790_000,
      msdyn_mode: 192_350_002,
    });
  });

  test("an Update with an image that has no modifiedon, unlike those of our registration: only what it has", () => {
    const { modifiedon: _, ...image } = OFFERED;
    expect(stateOf(post({ target: {}, image }))?.cells).toEqual(OFFERED_CELLS);
  });

  test("an image of the primary name alone, as asynchronous steps without image have", () => {
    const body = post({ target: { msdyn_lefton: "/Date(1772445790000)/" } });
    body["PostEntityImages"] = [
      { key: "AsynchronousStepPrimaryName", value: entity({ msdyn_name: "Ann Agent" }, null) },
    ];
    expect(stateOf(body)?.cells).toEqual({ msdyn_lefton: 1_772_445_790_000 });
  });

  test("a post without modifiedon: the time of the operation, in whole seconds", () => {
    expect(stateOf(post({ target: {} }))?.modifiedAt).toBe(1_772_445_762_000);
  });

  test.each([
    [["100", null], 100],
    [[100, null], 100],
    [[null, null], null],
    [["", undefined], null],
    [["AAAAAAAAB9E=", null], null],
  ] as [[unknown, unknown], number | null][])("RowVersions %j are version %j", (versions, version) => {
    expect(stateOf(post({ versions }))?.version).toBe(version);
  });

  test.each([
    ["the header says so", { [SIZE_EXCEEDED_HEADER]: "true" }, {}],
    ["the parameters are gone", {}, { InputParameters: null, PostEntityImages: null }],
    ["the parameters are not even named", {}, { InputParameters: undefined, PostEntityImages: undefined }],
    ["the parameters are empty", {}, { InputParameters: [], PostEntityImages: [] }],
  ])("cut for its size, as %s: the row must be read", (_name, headers, cut) => {
    expect(readRemoteContext({ ...post({ target: OFFERED }), ...cut }, headers)).toEqual({
      kind: "row",
      table: "participant",
      id: ID,
      message: "Update",
      state: null,
      at: 1_772_445_762_000,
    });
  });

  test("labels in any language say nothing", () => {
    const inGerman = post({ target: OFFERED, labels: { msdyn_mode: "Primär", msdyn_agentid: "Anna" } });
    const misleading = post({ target: OFFERED, labels: { msdyn_mode: "Consult" } });
    expect(stateOf(inGerman)).toEqual(stateOf(post({ target: OFFERED })));
    expect(stateOf(misleading)).toEqual(stateOf(post({ target: OFFERED })));
  });

  test.each([
    ["Delete", "msdyn_sessionparticipant"],
    ["Associate", "msdyn_sessionparticipant"],
    ["Create", "contact"],
  ])("a %s of %s is nothing for the recorder", (message, table) => {
    expect(readRemoteContext(post({ message, table }), {})).toEqual({ kind: "other", table, message });
  });
});

describe("values in every form", () => {
  const cellsOf = (table: string, target: Attributes) => stateOf(post({ table, target }))?.cells ?? {};

  test.each([
    ["/Date(1772445761000)/", 1_772_445_761_000],
    ["/Date(1772445761999)/", 1_772_445_761_000],
    ["/Date(1772445761000+0000)/", 1_772_445_761_000],
    ["/Date(1772445761000+0200)/", 1_772_445_761_000],
    ["/Date(-1500)/", -2_000],
    ["2026-03-02T10:02:41Z", 1_772_445_761_000],
    ["2026-03-02T10:02:41.999Z", 1_772_445_761_000],
    ["2026-03-02T12:02:41+02:00", 1_772_445_761_000],
    [null, null],
  ])("the time %j", (value, at) => {
    expect(cellsOf("msdyn_sessionparticipant", { msdyn_joinedon: value })).toEqual({ msdyn_joinedon: at });
  });

  // How a multi-select comes is not documented.
  test.each([
    ["192440000", [192_440_000]],
    ["192360000,192440000", [192_360_000, 192_440_000]],
    [" 192440000 , 192360000 ", [192_360_000, 192_440_000]],
    ["", []],
    [192_440_000, [192_440_000]],
    [option(192_440_000), [192_440_000]],
    [
      [192_440_000, 192_360_000],
      [192_360_000, 192_440_000],
    ],
    [
      [option(192_440_000), option(192_360_000)],
      [192_360_000, 192_440_000],
    ],
    [{ __type: `OptionSetValueCollection:${CONTRACTS}`, Value: [option(192_440_000)] }, [192_440_000]],
    [null, null],
  ])("the channels %j", (value, channels) => {
    expect(cellsOf("msdyn_ocliveworkitem", { msdyn_channel: value })).toEqual({ msdyn_channel: channels });
  });

  test.each([
    [lookup(AGENT.toUpperCase(), "systemuser"), AGENT],
    [AGENT.toUpperCase(), AGENT],
    [`{${AGENT}}`, AGENT],
    [null, null],
  ])("the reference %j", (value, id) => {
    expect(cellsOf("msdyn_sessionparticipant", { msdyn_agentid: value })).toEqual({ msdyn_agentid: id });
  });

  test("plain values", () => {
    expect(cellsOf("msdyn_ocliveworkitem", { msdyn_isoutbound: true, statuscode: 2 })).toEqual({
      msdyn_isoutbound: true,
      statuscode: 2,
    });
    expect(
      cellsOf("msdyn_ocphonecallengagementctx", { msdyn_fromphone: " +1425 ", msdyn_tophone: "" }),
    ).toEqual({ msdyn_fromphone: "+1425", msdyn_tophone: null });
  });
});

describe("what is refused", () => {
  const pathsOf = (body: unknown): string[] => {
    try {
      readRemoteContext(body, {});
    } catch (error) {
      if (error instanceof WebhookError) return error.problems.map(({ path }) => path);
      throw error;
    }
    return [];
  };

  test.each([
    ["nothing", null, [""]],
    ["a list", [], [""]],
    [
      "another service's post",
      { event: "push" },
      ["/MessageName", "/PrimaryEntityName", "/PrimaryEntityId", "/OperationCreatedOn"],
    ],
    ["an id that is none", { ...post({}), PrimaryEntityId: "7" }, ["/PrimaryEntityId"]],
    ["a time that is none", { ...post({}), OperationCreatedOn: "yesterday" }, ["/OperationCreatedOn"]],
    ["parameters that are no list", { ...post({}), InputParameters: {} }, ["/InputParameters"]],
    [
      "a Target that is no entity",
      { ...post({}), InputParameters: [{ key: "Target", value: 1 }] },
      ["/InputParameters/0/value"],
    ],
    [
      "values of other forms, all of them",
      post({
        target: { msdyn_joinedon: 1_772_445_761_000, msdyn_agentid: "Ann", msdyn_mode: "Primary" },
        image: { msdyn_lefton: "/Date(soon)/" },
      }),
      [
        "/InputParameters/0/value/Attributes/0/value",
        "/InputParameters/0/value/Attributes/1/value",
        "/InputParameters/0/value/Attributes/2/value",
        "/PostEntityImages/0/value/Attributes/0/value",
      ],
    ],
    [
      "channels that are no numbers",
      post({ table: "msdyn_ocliveworkitem", target: { msdyn_channel: "Voice" } }),
      ["/InputParameters/0/value/Attributes/0/value"],
    ],
  ] as [string, unknown, string[]][])("%s, with every place", (_name, body, paths) => {
    expect(pathsOf(body)).toEqual(paths);
  });

  test("the error says what to do", () => {
    expect(() => readRemoteContext({ ...post({}), PrimaryEntityId: "7" }, {})).toThrow(
      "the post is not what a Dataverse webhook sends (/PrimaryEntityId: must be a guid); is another service posting here?",
    );
  });

  test("whatever is posted, nothing but a WebhookError is thrown", () => {
    const damaged = fc
      .tuple(
        fc.constantFrom("InputParameters", "PostEntityImages", "PrimaryEntityId", "MessageName"),
        fc.jsonValue(),
      )
      .map(([key, value]): unknown => ({ ...post({ target: OFFERED, image: OFFERED }), [key]: value }));
    const attribute = fc.record({ key: fc.constantFrom(...columnsOf("participant")), value: fc.jsonValue() });
    const odd = fc.array(attribute).map((attributes): unknown => {
      const target = { Attributes: attributes, RowVersion: "1" };
      return { ...post({}), InputParameters: [{ key: "Target", value: target }] };
    });
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), damaged, odd), (body) => {
        try {
          readRemoteContext(body, {});
        } catch (error) {
          expect(error).toBeInstanceOf(WebhookError);
        }
      }),
      { numRuns: runsOf(2_000) },
    );
  });

  test("columns that no row is read from may hold anything", () => {
    expect(stateOf(post({ target: { msdyn_whatever: { a: [1] }, msdyn_lefton: null } }))?.cells).toEqual({
      msdyn_lefton: null,
    });
  });
});
