import { createServer } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeAudio } from "../../speech/decode-audio.ts";
import { findOnsets } from "../../speech/find-onsets.ts";
import { SAMPLE_RATE } from "../../speech/pcm.ts";
import { type Json, openSignedIn, type SignedIn } from "../test-client.ts";
import type { CallScriptInput } from "./call-script.ts";

const SCRIPT: CallScriptInput = {
  customer: "+14255550100",
  queue: "Billing",
  agents: {
    ann: { entraId: "a0000000-0000-4000-8000-000000000001", upn: "Ann@contoso.com", name: "Ann Agent" },
  },
  steps: [
    { atMs: 0, do: "ring", agent: "ann" },
    { atMs: 1000, do: "answer", agent: "ann" },
    { atMs: 2000, do: "end", agent: "ann" },
    { atMs: 3000, do: "finish", agent: "ann" },
  ],
};

/** Downloads a part's sound as the adapter does, and decodes it. */
async function decodePart(dynamics: SignedIn, recordingId: string) {
  const target = `{'@odata.id':'msdyn_ocrecordings(${recordingId})'}`;
  const sas = async (column: string) => {
    const { json } = await dynamics.get(
      `GetFileSasUrl(Target=@p1,FileAttributeName='${column}')?@p1=${target}`,
    );
    return fetch(String((json["Result"] as Json)["SasUrl"]));
  };
  const folder = await mkdtemp(join(tmpdir(), "deskreel-test-"));
  try {
    const path = join(folder, "part");
    await writeFile(path, new Uint8Array(await (await sas("msdyn_recording")).arrayBuffer()));
    return {
      samples: await decodeAudio(path),
      metadata: (await (await sas("msdyn_recordingmetadata")).json()) as Json,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test.each(["mp3", "m4a", "wav"] as const)(
  "beeps in %s lie at the wall clock's multiples, exactly",
  async (format) => {
    await using dynamics = await openSignedIn();
    const part = { startMs: 137, durationMs: 800, format, source: { kind: "beeps", everyMs: 250 } } as const;
    const call = await dynamics.simulator.placeCall({ ...SCRIPT, audio: [part] });
    const [played] = (await call.finished).parts;
    const startsAt = call.startedAt + 137;
    expect(played).toMatchObject({ startsAt, endsAt: startsAt + 800 });
    const { samples, metadata } = await decodePart(dynamics, played?.recordingId ?? "");
    expect(metadata).toMatchObject({
      chunkStartTime: new Date(startsAt).toISOString(),
      chunkDuration: 800,
      chunkIndex: 0,
      recordingInfo: { format, audioConfiguration: { sampleRate: 16_000, channels: 1 } },
    });
    // AAC comes in frames of 64 ms at 16 kHz, and ffmpeg 5.1 does not cut the last one.
    expect(samples.length / (SAMPLE_RATE / 1000)).toBeGreaterThanOrEqual(800);
    expect(samples.length / (SAMPLE_RATE / 1000)).toBeLessThanOrEqual(format === "m4a" ? 864 : 800);
    const onsets = findOnsets(samples).filter((onset) => onset > 60);
    expect(onsets.length).toBeGreaterThanOrEqual(2);
    const TOLERANCE_MS = 0.5; // A lossy codec rounds a click's edge by some samples.
    for (const onset of onsets) {
      const off = (startsAt + onset) % 250;
      expect(Math.min(off, 250 - off)).toBeLessThanOrEqual(TOLERANCE_MS);
    }
  },
);

test("the row of a recording can be there before its file", async () => {
  await using dynamics = await openSignedIn();
  const call = await dynamics.simulator.placeCall({
    ...SCRIPT,
    audio: [
      {
        startMs: 0,
        durationMs: 100,
        format: "wav",
        rowAfterMs: 50,
        availableAfterMs: 600,
        metadata: false,
        source: { kind: "tones", atMs: [10] },
      },
    ],
  });
  const names = async () => {
    const { json } = await dynamics.get(
      "msdyn_ocrecordings?$select=msdyn_recording_name,msdyn_recordingmetadata_name",
    );
    return (json["value"] as Json[]).map((row) => [
      row["msdyn_recording_name"],
      row["msdyn_recordingmetadata_name"],
    ]);
  };
  expect(await names()).toEqual([]);
  await expect.poll(names).toEqual([[null, null]]);
  expect(call.state().audioAvailableAt).toBeNull();
  const { audioAvailableAt, parts } = await call.finished;
  expect(await names()).toEqual([["callRecording.wav", null]]);
  expect(audioAvailableAt).toBe(parts[0]?.availableAt);
  expect(Number(audioAvailableAt)).toBeGreaterThanOrEqual(call.startedAt + 700);
});

test("a step that cannot happen is found before the call rings", async () => {
  await using dynamics = await openSignedIn();
  const steps = [{ atMs: 9_000, do: "answer", agent: "ann" }] as const;
  await expect(dynamics.simulator.placeCall({ ...SCRIPT, steps: [...steps] })).rejects.toMatchObject({
    code: "BAD_CALL_SCRIPT",
  });
  expect(dynamics.simulator.tables.rows("msdyn_ocliveworkitems")).toEqual([]);
});

test("the conversations beside a script's own are calls of their own", async () => {
  await using dynamics = await openSignedIn();
  const { customer, queue, steps } = SCRIPT;
  const call = await dynamics.simulator.placeCall(
    { ...SCRIPT, beside: [{ afterMs: 100_000, channel: "chat", customer, queue, steps }] },
    { startAt: Date.now() - 3_600_000 },
  );
  const [chat] = call.beside;
  await Promise.all([call.finished, chat?.finished]);
  expect(call.state().beside).toEqual([chat?.callSessionId]);
  expect(chat?.startedAt).toBe(call.startedAt + 100_000);
  expect(chat?.state().events).toEqual([]);
  const channels = dynamics.simulator.tables.rows("msdyn_ocliveworkitems").map((row) => row["msdyn_channel"]);
  expect(channels.toSorted()).toEqual(["192360000", "192440000"]);
});

test("rows of a call are closed at its end, and a call of the past is played at once", async () => {
  await using dynamics = await openSignedIn();
  const startAt = Date.now() - 3_600_000;
  const call = await dynamics.simulator.placeCall(SCRIPT, { startAt });
  await call.finished;
  const { json } = await dynamics.get(`msdyn_ocliveworkitems(${call.callSessionId})`);
  expect(json).toMatchObject({
    statuscode: 4,
    msdyn_closedon: new Date(startAt + 3000).toISOString().replace(/\.\d+Z$/, "Z"),
  });
});

/** A recorder that answers with the given statuses, one after the other, then 202. */
async function fakeRecorder(...statuses: (number | "never")[]) {
  const bodies: Json[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => {
      text += chunk.toString();
    });
    request.on("end", () => {
      bodies.push({ authorization: request.headers.authorization, ...(JSON.parse(text) as Json) });
      const status = statuses.shift() ?? 202;
      if (status === "never") return;
      response
        .writeHead(status)
        .end(JSON.stringify(status === 202 ? { accepted: 1, duplicates: 0, ignored: [] } : {}));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    bodies,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Dataverse's resolution. */
const cut = (at: number) => Math.floor(at / 1000) * 1000;

test("call events are posted in order with the steps' times, again when the recorder was not able to take them", async () => {
  await using recorder = await fakeRecorder(503, 500);
  await using dynamics = await openSignedIn({ recorder: { url: recorder.url, token: "secret" } });
  const call = await dynamics.simulator.placeCall(SCRIPT);
  const { events } = await call.finished;
  expect(events.map(({ type, at, outcome }) => [type, at - cut(call.startedAt), outcome])).toEqual([
    ["ringing", 0, "accepted"],
    ["connected", 1000, "accepted"],
    ["wrap-up", 2000, "accepted"],
    ["agent-available", 3000, "accepted"],
  ]);
  expect(recorder.bodies.map((body) => body["type"])).toEqual([
    "ringing",
    "ringing",
    "ringing",
    "connected",
    "wrap-up",
    "agent-available",
  ]);
  expect(recorder.bodies[0]).toEqual({
    authorization: "Bearer secret",
    id: `${call.callSessionId}-1`,
    type: "ringing",
    at: new Date(cut(call.startedAt)).toISOString(),
    agent: "Ann@contoso.com",
    callSessionId: call.callSessionId,
    attributes: { direction: "inbound", customer: "+14255550100", queue: "Billing", agentName: "Ann Agent" },
  });
});

test("an event that the recorder refuses is not posted again, and the call goes on", async () => {
  await using recorder = await fakeRecorder(401);
  await using dynamics = await openSignedIn({ recorder: { url: recorder.url, token: "wrong" } });
  const { events } = await (await dynamics.simulator.placeCall(SCRIPT)).finished;
  expect(events.map((event) => event.outcome)).toEqual(["refused", "accepted", "accepted", "accepted"]);
  expect(recorder.bodies.length).toBe(4);
});

test("a simulator that is stopped ends the calls that are playing", async () => {
  const dynamics = await openSignedIn();
  const call = await dynamics.simulator.placeCall({
    ...SCRIPT,
    steps: [
      { atMs: 0, do: "ring", agent: "ann" },
      { atMs: 600_000, do: "customer-leaves" },
    ],
  });
  await dynamics[Symbol.asyncDispose]();
  await expect(call.finished).rejects.toMatchObject({
    code: "CALL_NOT_PLAYED",
    cause: { code: "SIMULATOR_STOPPED" },
  });
  expect(call.state().phase).toBe("failed");
});

test("a simulator that is stopped does not wait for a recorder that never answers", async () => {
  await using recorder = await fakeRecorder("never");
  const dynamics = await openSignedIn({ recorder: { url: recorder.url, token: "secret" } });
  const call = await dynamics.simulator.placeCall(SCRIPT);
  await expect.poll(() => recorder.bodies.length).toBe(1);
  await dynamics[Symbol.asyncDispose]();
  await expect(call.finished).rejects.toMatchObject({ code: "CALL_NOT_PLAYED" });
  expect(call.state().events[0]).toMatchObject({ type: "ringing", outcome: null });
});
