import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import type { EpochMs } from "#shared/time/units.ts";
import { DataverseStore, type StoreWrite } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import { PRESENCE_IDS } from "../dataverse/seed-rows.ts";
import { lookupResolver } from "../odata/lookup-resolver.ts";
import {
  contextText,
  type PostSubject,
  remoteExecutionContext,
  type StepImage,
  withoutRows,
} from "./remote-execution-context.ts";

const ANN = "97c90b02-4e38-ef11-a315-000d3a5a54dc";
const SESSION = "b1000000-0000-4000-8000-000000000001";
const PARTICIPANT = "c1000000-0000-4000-8000-000000000001";
const AGENT_STATUS = "00aa00aa-bb11-cc22-dd33-44ee44ee44ee";
const RANG_AT = Date.UTC(2026, 2, 2, 10, 2, 30);
const JOINED_AT = Date.UTC(2026, 2, 2, 10, 2, 41);
const PLAIN = { language: "en", multiSelect: "options", images: [] } as const;

let now: EpochMs;
let store: DataverseStore;
let written: StoreWrite[];

beforeEach(() => {
  now = RANG_AT;
  written = [];
  store = new DataverseStore({ now: () => now });
});

/** What Dynamics writes when it offers a call, before the participant's row. */
function addAgentAndSession(): void {
  store.insert(T.users, { systemuserid: ANN, fullname: "Ann Agent" });
  store.insert(T.sessions, { activityid: SESSION });
  store.onWrite((write) => written.push(write));
}

function addParticipant(): void {
  store.insert(T.participants, {
    msdyn_sessionparticipantid: PARTICIPANT,
    msdyn_omnichannelsession: SESSION,
    msdyn_agentid: ANN,
    msdyn_mode: 192_350_002,
    msdyn_addedon: RANG_AT,
    statecode: 0,
  });
}

function postOf(changes: Partial<PostSubject> = {}): Record<string, unknown> {
  const write = written.at(-1);
  if (write === undefined) throw new Error("nothing was written");
  return remoteExecutionContext({
    ...PLAIN,
    write,
    stepId: "8ff4bda5-9d4e-ef11-bfe3-00224802dbb1",
    at: now,
    correlationId: "dddd3333-ee44-5555-66ff-777777aaaaaa",
    requestId: "84d03007-6a8f-41da-aeae-7b6460bb7a04",
    operationId: "1a14c3ec-9c50-ef11-bfe3-00224802dbb1",
    resolveLookup: lookupResolver(store),
    ...changes,
  });
}

const fixture = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, "fixtures", `${name}.json`), "utf8")) as unknown;

const imageOf = (...columns: string[]): StepImage => ({ alias: "PostImage", when: "after", columns });

/** The attributes, or the labels, of the first image. */
function ofImage(
  post: Record<string, unknown>,
  part: "Attributes" | "FormattedValues",
): Map<string, unknown> {
  const images = post["PostEntityImages"] as { value: Record<string, { key: string; value: unknown }[]> }[];
  return new Map((images[0]?.value[part] ?? []).map(({ key, value }) => [key, value]));
}

test("an update has what was written, and the image what the step asked for", () => {
  addAgentAndSession();
  addParticipant();
  now = JOINED_AT + 1_000;
  store.update(T.participants, PARTICIPANT, { msdyn_joinedon: JOINED_AT });
  const image = imageOf(
    "msdyn_agentid",
    "msdyn_mode",
    "msdyn_omnichannelsession",
    "msdyn_joinedon",
    "msdyn_lefton",
  );
  expect(postOf({ images: [image] })).toEqual(fixture("participant-joined"));
});

test("a new row has every column that is set, and its id as output; without an image comes the row's name", () => {
  addAgentAndSession();
  addParticipant();
  expect(postOf()).toEqual(fixture("participant-added"));
});

test("an agent's new presence is a reference without name", () => {
  store.insert(T.users, { systemuserid: ANN, fullname: "Ann Agent" });
  store.insert(T.presences, { msdyn_presenceid: PRESENCE_IDS.busy, msdyn_name: "Busy" });
  store.insert(T.agentStatuses, { msdyn_agentstatusid: AGENT_STATUS });
  store.onWrite((write) => written.push(write));
  now = JOINED_AT + 1_000;
  store.update(T.agentStatuses, AGENT_STATUS, {
    msdyn_isagentloggedin: true,
    msdyn_currentpresenceid: PRESENCE_IDS.busy,
    msdyn_availableunitscapacity: 100,
    msdyn_presencemodifiedon: JOINED_AT,
    msdyn_presencemodifiedby: "AGENT",
    msdyn_agentid: ANN,
  });
  expect(postOf()).toEqual(fixture("agent-status-changed"));
});

test("labels are in the language of the setting, numbers never", () => {
  addAgentAndSession();
  addParticipant();
  const post = postOf({ language: "de", images: [imageOf("msdyn_mode", "msdyn_addedon", "statecode")] });
  expect([...ofImage(post, "FormattedValues")]).toEqual([
    ["msdyn_mode", "Primär"],
    ["msdyn_addedon", "2.3.2026, 10:02:30"],
    ["statecode", "Aktiv"],
  ]);
  expect(ofImage(post, "Attributes").get("msdyn_mode")).toMatchObject({ Value: 192_350_002 });
});

const CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts";
const VOICE = { __type: `OptionSetValue:${CONTRACTS}`, Value: 192_440_000 };
const CHAT = { __type: `OptionSetValue:${CONTRACTS}`, Value: 192_360_000 };
test.each([
  ["options", [VOICE, CHAT]],
  ["collection", { __type: `OptionSetValueCollection:${CONTRACTS}`, Value: [VOICE, CHAT] }],
  ["string", "192440000,192360000"],
] as const)("a multi-select column can be written as %s", (multiSelect, value) => {
  addAgentAndSession();
  store.insert(T.conversations, { msdyn_channel: "192440000,192360000" });
  const post = postOf({ multiSelect, images: [imageOf("msdyn_channel")] });
  expect(ofImage(post, "Attributes").get("msdyn_channel")).toEqual(value);
  expect(ofImage(post, "FormattedValues").get("msdyn_channel")).toBe("Voice call; Live chat");
});

test("a column that was written empty is there as null", () => {
  addAgentAndSession();
  addParticipant();
  store.update(T.participants, PARTICIPANT, { msdyn_agentid: null });
  const [target] = postOf()["InputParameters"] as [{ value: { Attributes: object[] } }];
  expect(target.value.Attributes).toContainEqual({ key: "msdyn_agentid", value: null });
});

test("a deleted row is a reference, and its image what it was", () => {
  addAgentAndSession();
  addParticipant();
  store.delete(T.participants, PARTICIPANT);
  const before: StepImage = { alias: "PreImage", when: "before", columns: ["msdyn_sessionparticipantid"] };
  const post = postOf({ images: [before] });
  expect(post["InputParameters"]).toMatchObject([
    {
      value: {
        __type: `EntityReference:${CONTRACTS}`,
        Id: PARTICIPANT,
        LogicalName: "msdyn_sessionparticipant",
      },
    },
  ]);
  expect(post["PreEntityImages"]).toMatchObject([
    { key: "PreImage", value: { Attributes: [{ key: "msdyn_sessionparticipantid", value: PARTICIPANT }] } },
  ]);
  expect(post["PostEntityImages"]).toEqual([]);
});

test("a post that is too large names the row and has none of it", () => {
  addAgentAndSession();
  addParticipant();
  const whole = postOf();
  const { ParentContext, InputParameters, PreEntityImages, PostEntityImages, ...rest } = whole;
  expect([ParentContext, InputParameters, PreEntityImages, PostEntityImages]).not.toContain(undefined);
  expect(withoutRows(whole)).toEqual(rest);
  expect(rest).toMatchObject({
    PrimaryEntityId: PARTICIPANT,
    PrimaryEntityName: "msdyn_sessionparticipant",
  });
});

test("slashes are escaped, as .NET does", () => {
  addAgentAndSession();
  addParticipant();
  const text = contextText(postOf());
  expect(text).toContain('"\\/Date(1772445750000)\\/"');
  expect(JSON.parse(text)).toEqual(postOf());
});
