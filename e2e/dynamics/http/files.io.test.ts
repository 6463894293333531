import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HandClock, type Json, openSignedIn, type SignedIn } from "../test-client.ts";

const BYTES = new Uint8Array(randomBytes(1_000));
const METADATA = { chunkStartTime: "2026-03-02T10:00:00.123Z", chunkDuration: 1000 };

let clock: HandClock;
let dynamics: SignedIn;
let recording: string;

beforeAll(async () => {
  clock = new HandClock(Date.UTC(2026, 2, 2, 10));
  dynamics = await openSignedIn({ clock, sasLifetimeS: 60, tokenLifetimeS: 3_600 });
  const { tables } = dynamics.simulator;
  const conversation = tables.addConversation({ startedAt: clock.at, closedAt: clock.at });
  recording = tables.addRecording(conversation, { format: "mp3", bytes: BYTES }, METADATA);
});
afterAll(() => dynamics[Symbol.asyncDispose]());

const call = (target: string, column = "msdyn_recording") =>
  `GetFileSasUrl(Target=@p1,FileAttributeName='${column}')?@p1=${target}`;

async function sasUrl(column?: string): Promise<string> {
  const { json } = await dynamics.get(call(`{'@odata.id':'msdyn_ocrecordings(${recording})'}`, column));
  return String((json["Result"] as Json)["SasUrl"]);
}

test.each([
  ["OData's", (id: string) => `{'@odata.id':'msdyn_ocrecordings(${id})'}`],
  ["JSON's", (id: string) => `{"@odata.id":"msdyn_ocrecordings(${id})"}`],
  ["percent-encoded", (id: string) => encodeURIComponent(`{"@odata.id": "msdyn_ocrecordings(${id})"}`)],
])("GetFileSasUrl takes the reference in %s quotes", async (_quotes, target) => {
  const { status, json } = await dynamics.get(call(target(recording)));
  expect([status, json]).toEqual([
    200,
    {
      "@odata.context": `${dynamics.simulator.url}/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.GetFileSasUrlResponse`,
      Result: {
        "@odata.type": "#Microsoft.Dynamics.CRM.FileSasUrlResponse",
        FileName: "callRecording.mp3",
        FileSizeInBytes: 1_000,
        MimeType: "audio/mpeg",
        SasUrl: expect.stringMatching(
          /^http:\/\/127\.0\.0\.1:\d+\/blob\/[\w-]+\?sv=.+&se=.+&sig=.+$/,
        ) as string,
      },
    },
  ]);
});

test("the link serves the very bytes to anybody", async () => {
  const response = await fetch(await sasUrl());
  expect([
    response.status,
    response.headers.get("Content-Type"),
    response.headers.get("Content-Length"),
  ]).toEqual([200, "audio/mpeg", "1000"]);
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES);
});

test("the metadata is a file too", async () => {
  const response = await fetch(await sasUrl("msdyn_recordingmetadata"));
  expect([response.headers.get("Content-Type"), await response.json()]).toEqual([
    "application/json",
    METADATA,
  ]);
});

test.each([
  ["bytes=0-9", 206, "bytes 0-9/1000", 0, 10],
  ["bytes=990-", 206, "bytes 990-999/1000", 990, 1000],
  ["bytes=990-5000", 206, "bytes 990-999/1000", 990, 1000],
  ["lines=1-2", 200, null, 0, 1000],
])("Range %s answers %i", async (range, status, contentRange, from, to) => {
  const response = await fetch(await sasUrl(), { headers: { Range: range } });
  expect([response.status, response.headers.get("Content-Range")]).toEqual([status, contentRange]);
  expect(new Uint8Array(await response.arrayBuffer())).toEqual(BYTES.slice(from, to));
});

test("a range past the end is refused with the size", async () => {
  const response = await fetch(await sasUrl(), { headers: { Range: "bytes=1000-" } });
  expect([response.status, response.headers.get("Content-Range")]).toEqual([416, "bytes */1000"]);
});

test("a link ends with its lifetime, and a new one is good", async () => {
  const link = await sasUrl();
  clock.at += 60_000;
  const late = await fetch(link);
  expect([late.status, late.headers.get("x-ms-error-code")]).toEqual([403, "AuthenticationFailed"]);
  expect((await fetch(await sasUrl())).status).toBe(200);
});

test("a link with a changed expiry or for another file is refused", async () => {
  const link = new URL(await sasUrl());
  link.searchParams.set("se", "2036-01-01T00:00:00.000Z");
  expect((await fetch(link)).status).toBe(403);
  const other = new URL(await sasUrl("msdyn_recordingmetadata"));
  const mixed = new URL(await sasUrl());
  mixed.pathname = other.pathname;
  expect((await fetch(mixed)).status).toBe(403);
});

test("a bearer token sent to a link is refused, so that a client which leaks it is found out", async () => {
  const response = await fetch(await sasUrl(), { headers: { Authorization: "Bearer leaked" } });
  expect([response.status, response.headers.get("x-ms-error-code")]).toEqual([
    400,
    "InvalidAuthenticationInfo",
  ]);
});

test("a row without its file answers 404 until the file comes", async () => {
  const { tables } = dynamics.simulator;
  const late = tables.addRecordingRow(tables.addConversation({ startedAt: clock.at, closedAt: clock.at }));
  const target = `{'@odata.id':'msdyn_ocrecordings(${late})'}`;
  expect((await dynamics.get(`msdyn_ocrecordings(${late})`)).json).toMatchObject({
    msdyn_recording: null,
    msdyn_recording_name: null,
  });
  const missing = await dynamics.get(call(target));
  expect([missing.status, missing.json]).toEqual([
    404,
    {
      error: {
        code: "0x80040217",
        message: `No file attachment found for attribute: msdyn_recording EntityId: ${late}.`,
      },
    },
  ]);
  tables.attachRecording(late, { format: "wav", bytes: BYTES });
  expect((await dynamics.get(call(target))).status).toBe(200);
  expect((await dynamics.get(call(target, "msdyn_recordingmetadata"))).status).toBe(404);
});

test.each([
  ["{'@odata.id':'accounts(00000000-0000-4000-8000-000000000000)'}", "msdyn_recording", 400, "0x80060888"],
  ["{'id':1}", "msdyn_recording", 400, "0x80060888"],
  [
    "{'@odata.id':'msdyn_ocrecordings(00000000-0000-4000-8000-000000000000)'}",
    "msdyn_recording",
    404,
    "0x80040217",
  ],
])("GetFileSasUrl of %s is refused", async (target, column, status, code) => {
  const answer = await dynamics.get(call(target, column));
  expect([answer.status, (answer.json["error"] as Json)["code"]]).toEqual([status, code]);
});

test("GetFileSasUrl of a column that holds no file is refused", async () => {
  const answer = await dynamics.get(call(`{'@odata.id':'msdyn_ocrecordings(${recording})'}`, "msdyn_name"));
  expect([answer.status, (answer.json["error"] as Json)["code"]]).toEqual([400, "0x0"]);
});
