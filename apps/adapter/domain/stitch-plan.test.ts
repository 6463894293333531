import fc from "fast-check";
import { expect, test } from "vitest";
import { CODECS, type Recording } from "#shared/api/recording.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import type { AudioPart, InteractionFacts } from "./interaction-facts.ts";
import { buildManifest } from "./manifest.ts";
import { planStitch } from "./stitch-plan.ts";

/** 2026-03-02T10:00:00Z */
const T = 1_772_445_600_000;
const SESSION = "a1c2";

function facts(recordings: Recording[], audio: AudioPart[] = []): InteractionFacts {
  return { interactionId: SESSION, recordings, audio, conversation: null };
}

function ann(change: Partial<Recording> = {}, segments = [madeSegment("000001", T, 60_000)]): Recording {
  return madeRecording({ id: "01ANN", callSessionId: SESSION, ...change }, segments);
}

function part(sourceId: string, startMs: number, durationMs: number): AudioPart {
  const stated = { at: T + startMs, uncertaintyMs: 1 };
  const file = {
    path: `sources/audio/${sourceId}.mp3`,
    bytes: 9,
    sha256: "a".repeat(64),
    durationMs,
    stated,
  };
  return { sourceId, createdOn: T + 999_000, file };
}

test("a gap between two segments is held by the first one's last picture", () => {
  const plan = planStitch(
    facts([ann({}, [madeSegment("000002", T + 75_000, 10_000), madeSegment("000001", T + 500, 60_000)])]),
  );
  expect(plan?.screens).toMatchObject([
    {
      file: "screen-1.mp4",
      durationMs: 84_500,
      pieces: [
        { recordingId: "01ANN", trackId: "1", segmentId: "000001", holdMs: 74_500 },
        { recordingId: "01ANN", trackId: "1", segmentId: "000002", holdMs: 10_000 },
      ],
    },
  ]);
});

test("segments that claim the same instant both play and do not push back what follows", () => {
  const plan = planStitch(
    facts([
      ann({}, [
        madeSegment("000001", T, 1_000),
        madeSegment("000002", T, 1_000),
        madeSegment("000003", T + 2_000, 500),
      ]),
    ]),
  );
  expect(plan?.screens[0]?.pieces.map(({ holdMs }) => holdMs)).toEqual([1, 1_999, 500]);
});

test("a screen's file is what its codec goes into", () => {
  const files = CODECS.map((codec) => {
    const [track] = ann().tracks;
    const plan = planStitch(facts([ann({ tracks: track ? [{ ...track, codec }] : [] })]));
    return [codec, plan?.screens[0]?.file];
  });
  expect(Object.fromEntries(files)).toEqual({
    vp9: "screen-1.mp4",
    av1: "screen-1.mp4",
    h264: "screen-1.mp4",
    vp8: "screen-1.webm",
  });
});

test("the timeline begins with the earliest and ends with the latest of events, pictures and sound", () => {
  const recording = ann({
    events: [
      { id: "1", type: "ringing", at: formatInstant(T - 3_000) },
      { id: "2", type: "agent-available", at: formatInstant(T + 61_000) },
    ],
  });
  const plan = planStitch(facts([recording], [part("late", 50_000, 20_000)]));
  expect(plan).toMatchObject({
    startedAt: T - 3_000,
    endedAt: T + 70_000,
    durationMs: 73_000,
    events: [{ offsetMs: 0 }, { offsetMs: 64_000 }],
    screens: [{ entry: { offsetMs: 3_000 }, durationMs: 60_000 }],
    audio: [{ sourceId: "late", offsetMs: 53_000, durationMs: 20_000 }],
  });
  const early = planStitch(facts([recording], [part("early", -5_000, 1_000)]));
  expect(early).toMatchObject({ startedAt: T - 5_000, events: [{ offsetMs: 2_000 }, { offsetMs: 66_000 }] });
});

test("a transfer: both agents, their names, and the newest attributes", () => {
  const bob = madeRecording(
    {
      id: "01BOB",
      callSessionId: SESSION,
      agent: "bob@contoso.com",
      attributes: { queue: "Contracts" },
      coverage: "partial",
    },
    [madeSegment("000001", T + 50_000, 60_000)],
  );
  expect(planStitch(facts([bob, ann()]))).toMatchObject({
    coverage: "partial",
    call: { direction: "inbound", customer: "+14255550100", queue: "Contracts" },
    agents: [
      { agent: "ann@contoso.com", name: "Ann Agent" },
      { agent: "bob@contoso.com", name: "bob@contoso.com" },
    ],
    screens: [
      { entry: { agent: "ann@contoso.com" } },
      { entry: { agent: "bob@contoso.com" }, file: "screen-2.mp4" },
    ],
  });
});

test("a recording without pictures is on the timeline with its events, and its word counts", () => {
  const lost = ann({ tracks: [], coverage: "not-recorded", note: "desktop-offline" });
  expect(planStitch(facts([lost]))).toMatchObject({
    coverage: "not-recorded",
    screens: [],
    events: [{}, {}],
    withoutScreen: [{ agent: "ann@contoso.com", leg: 1, offsetMs: 0, reason: "desktop-offline" }],
  });
});

test("an event on two of an agent's recordings is listed once; the same id at two agents twice", () => {
  const available = { id: "x", type: "agent-available" as const, at: formatInstant(T) };
  const recordings = [
    ann({ events: [available] }),
    ann({ id: "02ANN", leg: 2, events: [available] }),
    ann({ id: "01BOB", agent: "bob@contoso.com", events: [available] }),
  ];
  expect(planStitch(facts(recordings))?.events.map(({ agent }) => agent)).toEqual([
    "ann@contoso.com",
    "bob@contoso.com",
  ]);
});

test("coverage is on the interaction's timeline, an open end is the recording's", () => {
  const [track] = ann().tracks;
  const recording = ann({
    endedAt: formatInstant(T + 60_000),
    events: [{ id: "1", type: "ringing", at: formatInstant(T - 1_000) }],
    tracks: track
      ? [
          {
            ...track,
            coverage: [
              { from: formatInstant(T - 1_000), to: formatInstant(T), state: "gap", reason: "late-start" },
              { from: formatInstant(T), to: null, state: "captured" },
            ],
          },
        ]
      : [],
  });
  expect(planStitch(facts([recording]))?.screens[0]?.entry.coverage).toEqual([
    { fromMs: 0, toMs: 1_000, state: "gap", reason: "late-start" },
    { fromMs: 1_000, toMs: 61_000, state: "captured" },
  ]);
});

test("audio alone makes an interaction that is not recorded, nothing makes none", () => {
  expect(planStitch(facts([], [part("a", 0, 5_000)]))).toMatchObject({
    durationMs: 5_000,
    coverage: "not-recorded",
    screens: [],
    events: [],
  });
  expect(planStitch(facts([]))).toBeNull();
});

const anyScreens = fc.array(
  fc.record({
    startMs: fc.integer({ min: -10_000, max: 100_000 }),
    agent: fc.constantFrom("ann@contoso.com", "bob@contoso.com"),
    segments: fc.array(
      fc.record({
        atMs: fc.integer({ min: 0, max: 500_000 }),
        durationMs: fc.double({ min: 1, max: 60_000, noNaN: true }),
      }),
      { minLength: 1, maxLength: 6 },
    ),
  }),
  { maxLength: 4 },
);
const anyAudio = fc.array(
  fc.tuple(fc.integer({ min: -20_000, max: 500_000 }), fc.integer({ min: 1, max: 90_000 })),
  {
    maxLength: 4,
  },
);

test("every segment and every part is in the plan exactly once, in time order, inside the interaction", () => {
  fc.assert(
    fc.property(anyScreens, anyAudio, (screens, audio) => {
      const recordings = screens.map(({ startMs, agent, segments }, index) =>
        madeRecording(
          { id: `R${index}`, callSessionId: SESSION, agent },
          segments.map(({ atMs, durationMs }, nth) =>
            madeSegment(String(nth + 1).padStart(6, "0"), T + startMs + atMs, durationMs),
          ),
        ),
      );
      const parts = audio.map(([startMs, durationMs], index) => part(`A${index}`, startMs, durationMs));
      const plan = planStitch(facts(recordings, parts));
      if (plan === null) {
        expect(recordings.length + parts.length).toBe(0);
        return;
      }
      const planned = plan.screens.flatMap(({ pieces }) =>
        pieces.flatMap((one) => ("card" in one ? [] : [`${one.recordingId}/${one.segmentId}`])),
      );
      const given = recordings.flatMap(({ id, tracks }) =>
        tracks.flatMap((track) => track.segments.map((segment) => `${id}/${segment.id}`)),
      );
      expect([...planned].sort()).toEqual([...given].sort());
      expect(plan.audio.map(({ sourceId }) => sourceId).sort()).toEqual(
        parts.map(({ sourceId }) => sourceId).sort(),
      );
      for (const { pieces, durationMs, entry } of plan.screens) {
        expect(pieces.reduce((sum, { holdMs }) => sum + holdMs, 0)).toBe(durationMs);
        expect(pieces.every(({ holdMs }) => holdMs > 0)).toBe(true);
        expect(entry.offsetMs).toBeGreaterThanOrEqual(0);
        expect(entry.offsetMs + durationMs).toBeLessThanOrEqual(plan.durationMs);
      }
      const offsets = [plan.screens.map(({ entry }) => entry), plan.audio, plan.events].map((items) =>
        items.map(({ offsetMs }) => offsetMs),
      );
      for (const list of offsets) expect(list).toEqual([...list].sort((a, b) => a - b));
      expect(Math.min(...offsets.flat())).toBe(0);
    }),
  );
});

test("the same facts in any order make the same plan", () => {
  const recordings = [ann(), ann({ id: "02ANN", leg: 2 }), ann({ id: "01BOB", agent: "bob@contoso.com" })];
  const parts = [part("a", 0, 1_000), part("b", 0, 1_000)];
  expect(planStitch(facts(recordings.toReversed(), parts.toReversed()))).toEqual(
    planStitch(facts(recordings, parts)),
  );
});

test("a manifest takes screens' lengths from the files and does not say where sources lay", () => {
  const plan = planStitch(facts([ann()], [part("a", 0, 5_000)]));
  if (plan === null) throw new Error("there is a plan");
  const manifest = buildManifest(plan, 3, [
    { name: "audio.m4a", bytes: 1, sha256: "b".repeat(64), durationMs: 60_000 },
    { name: "screen-1.mp4", bytes: 2, sha256: "c".repeat(64), durationMs: 60_011 },
  ]);
  expect(manifest).toMatchObject({
    format: "deskreel.interaction/1",
    version: 3,
    audio: {
      file: "audio.m4a",
      parts: [
        {
          sourceId: "a",
          offsetMs: 0,
          durationMs: 5_000,
          sha256: "a".repeat(64),
          placement: "metadata",
          uncertaintyMs: 1,
        },
      ],
    },
    screens: [{ file: "screen-1.mp4", durationMs: 60_011 }],
    files: [
      { name: "audio.m4a", bytes: 1, sha256: "b".repeat(64) },
      { name: "screen-1.mp4", bytes: 2, sha256: "c".repeat(64) },
    ],
  });
  expect(JSON.stringify(manifest)).not.toContain("sources/");
});
