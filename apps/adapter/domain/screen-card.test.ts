import fc from "fast-check";
import { expect, test } from "vitest";
import type { CoverageInterval } from "#shared/api/coverage.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { madeRecording, madeSegment } from "../rig/made-recording.ts";
import { describeCard } from "./screen-card.ts";
import { planStitch } from "./stitch-plan.ts";

/** 2026-03-02T10:00:00Z */
const T = 1_772_445_600_000;

type Span = [from: number, to: number | null, what: Partial<CoverageInterval>];

/** A screen's pieces as [what, holdMs], and when its file begins, for segments and coverage in ms from T. */
function pieces(segments: [number, number][], coverage: Span[], endMs: number) {
  const recording = madeRecording(
    {
      id: "01ANN",
      callSessionId: "a1c2",
      startedAt: formatInstant(T),
      endedAt: formatInstant(T + endMs),
      events: [],
    },
    segments.map(([from, to], index) => madeSegment(`s${index + 1}`, T + from, to - from)),
  );
  const stretches = coverage.map(([from, to, what]) => ({
    from: formatInstant(T + from),
    to: to === null ? null : formatInstant(T + to),
    ...{ state: "gap" as const, ...what },
  }));
  const tracks = recording.tracks.map((track) => ({ ...track, coverage: stretches }));
  const facts = {
    interactionId: "a1c2",
    recordings: [{ ...recording, tracks }],
    audio: [],
    conversation: null,
  };
  const plan = planStitch(facts);
  const [screen] = plan?.screens ?? [];
  return {
    startsAt: (plan?.startedAt ?? 0) + (screen?.entry.offsetMs ?? 0) - T,
    pieces: screen?.pieces.map((piece) => [
      "card" in piece ? `${piece.card.title}, ${piece.card.detail}` : nameOf(piece),
      piece.holdMs,
    ]),
  };
}

/** `s1`, or `s1 from 4000` for what of it begins there. */
function nameOf({ segmentId, fromMs }: { segmentId: string; fromMs?: number }): string {
  return fromMs === undefined ? segmentId : `${segmentId} from ${fromMs}`;
}

const lost = { reason: "connection-lost" };
const paused = { state: "paused" as const, by: "admin", source: "break" };
const captured = { state: "captured" as const };
const lateStart = { reason: "late-start" };

test.each<[string, [number, number][], Span[], number, (string | number)[][], number]>([
  [
    "takes the place of a gap",
    [
      [0, 10_000],
      [22_000, 30_000],
    ],
    [
      [0, 10_000, captured],
      [10_000, 22_000, lost],
      [22_000, 30_000, captured],
    ],
    30_000,
    [
      ["s1", 10_000],
      ["Connection lost, 12 s", 12_000],
      ["s2", 8_000],
    ],
    0,
  ],
  [
    "begins where the gap does, not where the pictures end: a screen that stands still sends none",
    [
      [0, 4_000],
      [22_000, 30_000],
    ],
    [[10_000, 22_000, paused]],
    30_000,
    [
      ["s1", 10_000],
      ["Paused by admin, 12 s", 12_000],
      ["s2", 8_000],
    ],
    0,
  ],
  [
    "stays until the next picture when the time that a capture needs to start follows",
    [
      [0, 10_000],
      [22_000, 30_000],
    ],
    [
      [10_000, 21_500, paused],
      [21_500, 22_000, lateStart],
    ],
    30_000,
    [
      ["s1", 10_000],
      ["Paused by admin, 12 s", 12_000],
      ["s2", 8_000],
    ],
    0,
  ],
  [
    "follows another when one reason follows another",
    [
      [0, 10_000],
      [22_000, 30_000],
    ],
    [
      [10_000, 15_000, { reason: "session-locked" }],
      [15_000, 22_000, { reason: "recorder-restart" }],
    ],
    30_000,
    [
      ["s1", 10_000],
      ["Session locked, 5 s", 5_000],
      ["Recorder restarted, 7 s", 7_000],
      ["s2", 8_000],
    ],
    0,
  ],
  [
    "is not made of less than a second",
    [
      [0, 10_000],
      [10_900, 20_000],
    ],
    [[10_000, 10_900, { reason: "loss" }]],
    20_000,
    [
      ["s1", 10_900],
      ["s2", 9_100],
    ],
    0,
  ],
  [
    "parts a segment that goes on after the gap",
    [[0, 20_000]],
    [
      [0, 4_000, captured],
      [4_000, 7_000, { reason: "loss" }],
      [7_000, 20_000, captured],
    ],
    20_000,
    [
      ["s1", 4_000],
      ["Pictures lost on the network, 3 s", 3_000],
      ["s1 from 7000", 13_000],
    ],
    0,
  ],
  [
    "parts a segment as often as something is missing in it",
    [[0, 20_000]],
    [
      [4_000, 7_000, { reason: "loss" }],
      [7_000, 9_000, lost],
      [9_000, 10_000, captured],
      [10_000, 12_000, { reason: "loss" }],
    ],
    20_000,
    [
      ["s1", 4_000],
      ["Pictures lost on the network, 3 s", 3_000],
      ["Connection lost, 2 s", 2_000],
      ["s1 from 9000", 1_000],
      ["Pictures lost on the network, 2 s", 2_000],
      ["s1 from 12000", 8_000],
    ],
    0,
  ],
  [
    "does not part a segment for less than a second",
    [[0, 20_000]],
    [[4_000, 4_999, { reason: "loss" }]],
    20_000,
    [["s1", 20_000]],
    0,
  ],
  [
    "ends a segment when the picture after the gap begins the next one",
    [
      [0, 10_000],
      [10_000, 20_000],
    ],
    [[6_000, 10_000, { reason: "loss" }]],
    20_000,
    [
      ["s1", 6_000],
      ["Pictures lost on the network, 4 s", 4_000],
      ["s2", 10_000],
    ],
    0,
  ],
  [
    "is over with the next segment's first picture, though the gap is said to be longer",
    [
      [0, 10_000],
      [10_000, 20_000],
    ],
    [[6_000, 12_000, { reason: "loss" }]],
    20_000,
    [
      ["s1", 6_000],
      ["Pictures lost on the network, 6 s", 4_000],
      ["s2", 10_000],
    ],
    0,
  ],
  [
    "does not leave a sliver that has no picture behind it",
    [
      [0, 10_025],
      [12_000, 20_000],
    ],
    [[6_000, 10_000, { reason: "loss" }]],
    20_000,
    [
      ["s1", 6_000],
      ["Pictures lost on the network, 4 s", 6_000],
      ["s2", 8_000],
    ],
    0,
  ],
  [
    "does not part a segment that was replaced by another meanwhile: the recorder's clock was set back",
    [
      [0, 10_000],
      [4_000, 20_000],
    ],
    [[2_000, 9_000, { reason: "loss" }]],
    20_000,
    [
      ["s1", 2_000],
      ["Pictures lost on the network, 7 s", 2_000],
      ["s2", 16_000],
    ],
    0,
  ],
  [
    "comes first when the desktop came late, and moves the beginning",
    [[30_000, 40_000]],
    [[0, 30_000, { reason: "desktop-offline" }]],
    40_000,
    [
      ["Desktop not connected, 30 s", 30_000],
      ["s1", 10_000],
    ],
    0,
  ],
  [
    "is not made of the time that every capture needs to start",
    [[2_000, 10_000]],
    [[0, 2_000, lateStart]],
    10_000,
    [["s1", 8_000]],
    2_000,
  ],
  [
    "comes first when the capture took longer to start than that",
    [[3_000, 10_000]],
    [[0, 3_000, lateStart]],
    10_000,
    [
      ["Waiting for the screen, 3 s", 3_000],
      ["s1", 7_000],
    ],
    0,
  ],
  [
    "comes first without the ordinary time before it",
    [[40_000, 50_000]],
    [
      [0, 1_500, lateStart],
      [1_500, 39_000, { reason: "desktop-offline" }],
      [39_000, 40_000, lateStart],
    ],
    50_000,
    [
      ["Desktop not connected, 38 s", 37_500],
      ["Waiting for the screen, 1 s", 1_000],
      ["s1", 10_000],
    ],
    1_500,
  ],
  [
    "comes last when the screen never came back",
    [[0, 10_000]],
    [[10_000, null, lost]],
    95_000,
    [
      ["s1", 10_000],
      ["Connection lost, 1 min 25 s", 85_000],
    ],
    0,
  ],
])("a card %s", (_title, segments, coverage, endMs, expected, startsAt) => {
  expect(pieces(segments, coverage, endMs)).toEqual({ pieces: expected, startsAt });
});

test("a track without any picture has no file, whatever its coverage says", () => {
  expect(pieces([], [[0, 10_000, lost]], 10_000).pieces).toBeUndefined();
});

test("a reason that is not known yet, and one that is not given, are still said to be without picture", () => {
  const stretch = { from: "", to: null, state: "gap" as const };
  expect(describeCard({ ...stretch, reason: "toString" }, 3_720_000)).toEqual({
    title: "No picture",
    detail: "1 h 2 min",
  });
  expect(describeCard(stretch, 61_000).title).toBe("No picture");
  expect(describeCard({ ...stretch, state: "masked" }, 1).title).toBe("Masked");
  expect(describeCard({ ...stretch, state: "paused" }, 1).title).toBe("Paused");
});

test("whatever is missing, each segment is shown once, each part at its own time, and the pieces add up", () => {
  const cut = fc.integer({ min: 0, max: 120_000 });
  const states = fc.constantFrom<Partial<CoverageInterval>>(captured, lost, paused, lateStart);
  fc.assert(
    fc.property(
      fc.uniqueArray(cut, { minLength: 2, maxLength: 10 }),
      fc.array(fc.tuple(cut, fc.integer({ min: 0, max: 60_000 }), states), { maxLength: 6 }),
      (cuts, spans) => {
        const edges = cuts.sort((a, b) => a - b);
        const segments = edges.flatMap((from, index): [number, number][] =>
          index % 2 === 0 ? [[from, edges[index + 1] ?? from + 500]] : [],
        );
        const coverage = spans
          .sort(([a], [b]) => a - b)
          .map(([from, length, what], index): Span => {
            const next = spans[index + 1]?.[0] ?? 180_000;
            return [from, Math.min(from + length, next), what];
          });
        const planned = pieces(segments, coverage, 180_000);
        let at = planned.startsAt;
        const shown = (planned.pieces ?? []).flatMap(([what, holdMs]) => {
          const from = at;
          at += Number(holdMs);
          return String(what).startsWith("s") ? [{ what: String(what), from, to: at }] : [];
        });
        expect(shown.filter(({ what }) => !what.includes("from"))).toMatchObject(
          segments.map(([from], index) => ({ what: `s${index + 1}`, from })),
        );
        for (const { what, from, to } of shown) {
          const [name = "", partFrom = "0"] = what.split(" from ");
          const [begins, ends] = segments[Number(name.slice(1)) - 1] ?? [0, 0];
          expect(from).toBe(begins + Number(partFrom));
          expect(from).toBeLessThan(ends);
          // Whoever says that there is no picture for a second is shown, and nobody else.
          const missing = coverage.filter(([since, until, { state }]) => {
            const [cardFrom, cardTo] = [since, Math.min(until ?? 0, to)];
            return state !== "captured" && cardFrom > from && cardTo - cardFrom >= 1_000;
          });
          expect(missing).toEqual([]);
        }
        expect(at).toBeGreaterThanOrEqual(segments.at(-1)?.[1] ?? 0);
      },
    ),
  );
});
