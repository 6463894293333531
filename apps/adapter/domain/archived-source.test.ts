import fc from "fast-check";
import { expect, test } from "vitest";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import { adoptManifest } from "./adopt-manifest.ts";
import { type ArchivedSource, findInVersion, listArchived, useArchived } from "./archived-source.ts";
import type { AudioPart, InteractionFacts } from "./interaction-facts.ts";
import { buildManifest, type FinishedFile } from "./manifest.ts";
import { planStitch, type StitchPlan } from "./stitch-plan.ts";

/** 2026-03-02T10:00:00Z */
const T = 1_772_445_600_000;
const V1 = "2026/03/02/a1c2/v1";
const HASH = "a".repeat(64);

function part(sourceId: string, atMs: number, durationMs: number): AudioPart {
  const stated = { at: T + atMs, uncertaintyMs: 1 };
  const sha256 = sourceId.padStart(64, "0");
  return { sourceId, createdOn: T + 9e6, file: { path: sourceId, bytes: 1, sha256, durationMs, stated } };
}

function planOf(segments: [number, number][], audio: AudioPart[]): StitchPlan {
  const made = segments.map(([from, to], index) => madeSegment(`00000${index + 1}`, T + from, to - from));
  const recordings = [madeRecording({ id: "01ANN", callSessionId: "a1c2" }, made)];
  const plan = planStitch({ interactionId: "a1c2", recordings, audio, conversation: null });
  if (plan === null) throw new Error("there is a plan");
  return plan;
}

/** All sources of the plan that are named, where the version made from it has them. */
function archive(plan: StitchPlan, names: readonly string[]) {
  const { segments, audio } = findInVersion(plan, V1);
  const found = new Map<string, ArchivedSource>([
    ...segments.map(({ segmentId, source }): [string, ArchivedSource] => [segmentId, source]),
    ...audio.map(({ sourceId, source }): [string, ArchivedSource] => [sourceId, source]),
  ]);
  const find = (name: string) => (names.includes(name) ? (found.get(name) ?? null) : null);
  return { segment: ({ segmentId }: { segmentId: string }) => find(segmentId), audio: find };
}

test.each<[string, [number, number][], string[], unknown[]]>([
  [
    "all of a screen is one piece of the archived file",
    [
      [0, 1_000],
      [1_000, 2_000],
      [2_000, 5_000],
    ],
    ["000001", "000002", "000003"],
    [{ archived: { place: V1, file: "screen-1.mp4" }, fromMs: 0, holdMs: 5_000 }],
  ],
  [
    "what came later lies between what was archived",
    [
      [0, 1_000],
      [1_000, 2_000],
      [2_000, 5_000],
    ],
    ["000001", "000003"],
    [
      { archived: { place: V1, file: "screen-1.mp4" }, fromMs: 0, holdMs: 1_000 },
      { recordingId: "01ANN", trackId: "1", segmentId: "000002", holdMs: 1_000 },
      { archived: { place: V1, file: "screen-1.mp4" }, fromMs: 2_000, holdMs: 3_000 },
    ],
  ],
  [
    "with every file here nothing comes from the archive",
    [[0, 1_000]],
    [],
    [{ recordingId: "01ANN", trackId: "1", segmentId: "000001", holdMs: 1_000 }],
  ],
])("%s", (_title, segments, archived, expected) => {
  const plan = planOf(segments, []);
  expect(useArchived(plan, archive(plan, archived)).screens[0]?.pieces).toEqual(expected);
});

test("parts of an archived mix are cut out of it at their places, where they overlap once", () => {
  const plan = planOf(
    [[0, 9_000]],
    [part("a", 1_000, 4_000), part("b", 3_000, 5_000), part("c", 8_500, 500)],
  );
  const usable = useArchived(plan, archive(plan, ["a", "b"]));
  const mix = { place: V1, file: "audio.m4a" };
  expect(usable.audio).toMatchObject([
    {
      sourceId: "a",
      offsetMs: 1_000,
      archived: mix,
      stretches: [{ fromMs: 1_000, durationMs: 4_000, afterMs: 0 }],
    },
    // From 3 s to 5 s it is in what is taken for the first part.
    {
      sourceId: "b",
      offsetMs: 3_000,
      archived: mix,
      stretches: [{ fromMs: 5_000, durationMs: 3_000, afterMs: 2_000 }],
    },
    { sourceId: "c", stretches: [{ fromMs: 0, durationMs: 500, afterMs: 0 }] },
  ]);
  expect(usable.audio[2]).not.toHaveProperty("archived");
  expect(listArchived(usable)).toEqual([mix]);
});

test("of archived parts every ms is heard as often as any of them has sound, which is once", () => {
  const spans = fc.array(fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 8_000 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(spans, (audio) => {
      const parts = audio.map(([at, durationMs], index) => part(`${index}`, at, durationMs));
      const plan = planOf([[0, 1_000]], parts);
      const usable = useArchived(
        plan,
        archive(
          plan,
          parts.map(({ sourceId }) => sourceId),
        ),
      );
      const heard = usable.audio.flatMap(({ offsetMs, stretches }) =>
        stretches.map(({ fromMs, durationMs, afterMs }) => {
          // The mix's own time, for nothing has moved.
          expect(fromMs).toBe(offsetMs + afterMs);
          return [fromMs, fromMs + durationMs] as const;
        }),
      );
      const sounding = (ms: number) => audio.some(([at, long]) => ms >= at && ms < at + long);
      const zero = plan.startedAt - T;
      for (let ms = 0; ms < 28_000; ms += 97) {
        const times = heard.filter(([from, to]) => ms - zero >= from && ms - zero < to).length;
        expect(times).toBe(sounding(ms) ? 1 : 0);
      }
    }),
  );
});

function finishedFiles(plan: StitchPlan): FinishedFile[] {
  const names = [...(plan.audio.length > 0 ? ["audio.m4a"] : []), ...plan.screens.map(({ file }) => file)];
  const lengths = new Map(plan.screens.map(({ file, durationMs }) => [file, durationMs]));
  return names.map((name) => ({ name, bytes: 5, sha256: HASH, durationMs: lengths.get(name) ?? 0 }));
}

const anyFacts = fc
  .record({
    legs: fc.array(
      fc.record({
        agent: fc.constantFrom("ann@contoso.com", "bob@contoso.com", "cy@contoso.com"),
        startMs: fc.integer({ min: 0, max: 100_000 }),
        segments: fc.array(
          fc.tuple(fc.integer({ min: 0, max: 90_000 }), fc.integer({ min: 1, max: 60_000 })),
          {
            maxLength: 4,
          },
        ),
        queue: fc.constantFrom("Billing", "Sales"),
        note: fc.constantFrom(null, "disk-full", "max-wrap-up, desktop-offline, revoked"),
      }),
      { maxLength: 4 },
    ),
    audio: fc.array(fc.tuple(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 1, max: 90_000 })), {
      maxLength: 3,
    }),
  })
  .map(({ legs, audio }): InteractionFacts => {
    const recordings = legs.map(({ agent, startMs, segments, queue, note }, index) => {
      const made = segments.map(([at, durationMs], nth) =>
        madeSegment(`00000${nth + 1}`, T + startMs + at, durationMs),
      );
      const attributes = { queue, direction: "inbound", consent: "yes", agentName: agent.slice(0, 3) };
      return madeRecording(
        { id: `R${index}`, callSessionId: "a1c2", agent, leg: index + 1, attributes, note },
        made,
      );
    });
    const parts = audio.map(([at, durationMs], index) => part(`${index}`, at, durationMs));
    return { interactionId: "a1c2", recordings, audio: parts, conversation: null };
  });

test("what an archived version tells makes that version again: with a lost database nothing is lost of it", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const plan = planStitch(facts);
      if (plan === null) return;
      const manifest = buildManifest(plan, 1, finishedFiles(plan));
      const codecs = new Map(plan.screens.map(({ file, codec }) => [file, codec]));
      const adopted = adoptManifest(manifest, V1, codecs);
      const again = planStitch({ ...facts, recordings: adopted.recordings, audio: adopted.audio });
      if (again === null) throw new Error("there is a plan");
      expect(buildManifest(again, 1, finishedFiles(again))).toEqual(manifest);
      const source = (ref: { trackId: string }) =>
        adopted.segments.find(({ trackId }) => trackId === ref.trackId)?.source ?? null;
      const usable = useArchived(again, {
        segment: source,
        audio: (id) => adopted.audio.find(({ sourceId }) => sourceId === id)?.source ?? null,
      });
      for (const { file, pieces } of usable.screens)
        expect(pieces).toMatchObject([{ archived: { file }, fromMs: 0 }]);
    }),
  );
});
