import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { startDynamics } from "../../e2e/dynamics/simulator.ts";
import { probeMedia } from "../../e2e/media/probe.ts";
import { readBeeps } from "../../e2e/media/read-beeps.ts";
import { FolderStorage } from "./archive/storage/folder-storage.ts";
import { verifyArchive } from "./archive/verify-archive.ts";
import { FakeRecorder } from "./rig/fake-recorder.ts";
import { makeScreen, makeSound, readFlashes } from "./rig/made-media.ts";
import { madeRecording, madeSegment } from "./rig/made-recording.ts";
import { scratchFolder, startRig } from "./rig/run-site.ts";

/** When the calls of these tests ring. */
const RING = Date.UTC(2026, 2, 2, 10, 2, 30, 120);
const SESSION = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
/** Sound and picture of one instant may lie this far apart in a stitched file; issue 2 asks for 40 ms. */
const SYNC_TOLERANCE_MS = 5;

function versionFolder(root: string, { startedAt, interactionId, version }: Manifest): string {
  return join(root, startedAt.slice(0, 10).replaceAll("-", "/"), interactionId, `v${version}`);
}

const nobody = { onFault: () => {}, onUnfinished: () => {}, onProgress: () => {} };

test("a transferred call: two agents' screens and two audio parts become one interaction, in sync", async () => {
  await using scratch = await scratchFolder();
  await using recorder = await FakeRecorder.listen();
  await using dynamics = await startDynamics({ log: silentLog() });

  // Ann: two segments with a second missing between them; Bob: from 4 s on.
  const annFirst = await makeScreen(scratch.path, 2_000, [1_000]);
  const annSecond = await makeScreen(scratch.path, 2_000, [800]);
  const bobOnly = await makeScreen(scratch.path, 3_000, [1_200]);
  const ann = madeRecording({ id: "01ANN", callSessionId: SESSION }, [
    madeSegment("000001", RING + 100, 2_000, annFirst),
    madeSegment("000002", RING + 3_100, 2_000, annSecond),
  ]);
  const bob = madeRecording(
    {
      id: "01BOB",
      callSessionId: SESSION,
      agent: "bob@contoso.com",
      events: [
        { id: "b1", type: "connected", at: formatInstant(RING + 4_000) },
        { id: "b2", type: "agent-available", at: formatInstant(RING + 8_000) },
      ],
      attributes: { queue: "Contracts", agentName: "Bob Backoffice" },
    },
    [madeSegment("000001", RING + 4_050, 3_000, bobOnly)],
  );
  // The beeps are of the same instants as the flashes: 1.1 s and 3.9 s at Ann, 5.25 s at Bob.
  const firstPart = await makeSound(scratch.path, "mp3", 3_700, [600, 3_400]);
  const secondPart = await makeSound(scratch.path, "wav", 2_000, [550]);
  const conversation = dynamics.tables.addConversation(
    { startedAt: RING, closedAt: RING + 8_000 },
    { activityid: SESSION },
  );
  for (const [bytes, format, at] of [
    [firstPart, "mp3", RING + 500],
    [secondPart, "wav", RING + 4_700],
  ] as const) {
    dynamics.tables.addRecording(conversation, { format, bytes }, { chunkStartTime: formatInstant(at) });
  }
  recorder.offer(
    ann,
    new Map([
      ["1/000001", annFirst],
      ["1/000002", annSecond],
    ]),
  );
  recorder.offer(bob, new Map([["1/000001", bobOnly]]));

  await using rig = await startRig({ recorders: [recorder.url], dynamics });
  const manifest = await rig.interaction(
    SESSION,
    ({ screens, audio }) => screens.length === 2 && audio !== null,
  );

  expect(manifest).toMatchObject({
    startedAt: formatInstant(RING + 100),
    endedAt: formatInstant(RING + 8_000),
    durationMs: 7_900,
    coverage: "recorded",
    call: { direction: "inbound", customer: "+14255550100", queue: "Contracts" },
    agents: [
      { agent: "ann@contoso.com", name: "Ann Agent" },
      { agent: "bob@contoso.com", name: "Bob Backoffice" },
    ],
    audio: {
      file: "audio.m4a",
      parts: [
        { offsetMs: 400, placement: "metadata", uncertaintyMs: 1 },
        { offsetMs: 4_600, durationMs: 2_000, placement: "metadata", uncertaintyMs: 1 },
      ],
    },
    screens: [
      { file: "screen-1.mp4", agent: "ann@contoso.com", offsetMs: 0, durationMs: 5_000 },
      { file: "screen-2.mp4", agent: "bob@contoso.com", offsetMs: 3_950, durationMs: 3_000 },
    ],
  });
  expect(manifest.events.map(({ type, offsetMs }) => [type, offsetMs])).toEqual([
    ["ringing", 0],
    ["connected", 3_900],
    ["agent-available", 5_000],
    ["agent-available", 7_900],
  ]);

  const folder = versionFolder(rig.adapter.archiveRoot, manifest);
  const audio = await probeMedia(join(folder, "audio.m4a"));
  expect(audio).toEqual({ durationMs: manifest.durationMs, video: null, audio: { codec: "aac" } });
  const skews: number[] = [];
  for (const [index, expected] of [[1_000, 3_800], [1_200]].entries()) {
    const screen = manifest.screens[index];
    const file = join(folder, screen?.file ?? "");
    const { durationMs, video } = await probeMedia(file);
    expect({ durationMs, codec: video?.codec }).toEqual({ durationMs: screen?.durationMs, codec: "vp9" });
    const flashes = await readFlashes(file);
    const beeps = await readBeeps(file);
    expect(flashes.map(Math.round)).toEqual(expected);
    skews.push(
      ...expected.map((_, nth) => Math.abs((beeps[nth] ?? Number.NaN) - (flashes[nth] ?? Number.NaN))),
    );
  }
  expect(Math.max(...skews)).toBeLessThan(SYNC_TOLERANCE_MS);
  expect(recorder.acks).toHaveLength(2);
  expect(await rig.problems()).toEqual([]);
  expect(await verifyArchive(new FolderStorage(rig.adapter.archiveRoot), nobody)).toMatchObject({
    faults: 0,
    unfinished: 0,
  });
});
