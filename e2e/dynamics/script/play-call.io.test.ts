import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeAudio } from "../../speech/decode-audio.ts";
import { findOnsets } from "../../speech/find-onsets.ts";
import { SAMPLE_RATE } from "../../speech/pcm.ts";
import { type Json, openSignedIn, type SignedIn } from "../test-client.ts";
import { receiveWebhooks } from "../webhooks/webhook-receiver.ts";
import type { CallScriptInput } from "./call-script.ts";

/** A whole second of the past. */
const START = Date.UTC(2026, 2, 2, 10);
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
  expect(chat?.state().expected).toEqual([]);
  const channels = dynamics.simulator.tables.rows("msdyn_ocliveworkitems").map((row) => row["msdyn_channel"]);
  expect(channels.map(String).toSorted()).toEqual(["192360000", "192440000"]);
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

test("a call's state tells the steps that were played, what a person would have seen, and the webhooks", async () => {
  await using receiver = await receiveWebhooks();
  await using dynamics = await openSignedIn();
  const { simulator } = dynamics;
  const written = { message: "Create", table: "msdyn_sessionparticipant" } as const;
  simulator.tables.addWebhook(receiver.url, "the key", [written]);
  simulator.tables.insert("msdyn_sessionparticipants", { msdyn_name: "of another call" });
  const call = await simulator.placeCall(SCRIPT, { startAt: START });
  await call.finished;
  await simulator.webhooks.idle();
  const { steps, expected, webhooks } = call.state();
  expect(steps).toEqual([
    { do: "ring", agent: "Ann@contoso.com", at: START },
    { do: "answer", agent: "Ann@contoso.com", at: START + 1_000 },
    { do: "end", agent: "Ann@contoso.com", at: START + 2_000 },
    { do: "finish", agent: "Ann@contoso.com", at: START + 3_000 },
  ]);
  expect(expected.map(({ type, at }) => [type, at - START])).toEqual([
    ["ringing", 0],
    ["connected", 1_000],
    ["wrap-up", 2_000],
    ["agent-available", 3_000],
  ]);
  expect(receiver.posts).toHaveLength(2);
  expect(webhooks).toEqual({ delivered: 1, failed: 0, lost: 0, underWay: 0 });
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
