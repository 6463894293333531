import fc from "fast-check";
import { expect, test } from "vitest";
import type { AudioPart, Conversation, StatedStart } from "./interaction-facts.ts";
import { placeAudio } from "./place-audio.ts";

/** 2026-03-02T10:00:00Z */
const T = 1_772_445_600_000;

function part(
  sourceId: string,
  createdOn: number,
  durationMs: number,
  stated: StatedStart | null = null,
): AudioPart {
  return {
    sourceId,
    createdOn,
    file: { path: sourceId, bytes: 1, sha256: sourceId, durationMs, stated },
  };
}

function session(startedOn: number | null, ...joins: (number | null)[]): Conversation {
  const participants = joins.map((joinedOn, index) => ({
    ...{ agentId: `agent-${index}`, joinedOn, leftOn: null, speaks: true },
  }));
  return { closed: true, startedOn, participants };
}

const at = (ms: number): StatedStart => ({ at: T + ms, uncertaintyMs: 1 });

test.each<[string, AudioPart[], Conversation | null, [string, number, string][]]>([
  [
    "by its metadata",
    [part("a", T + 90_000, 5_000, at(1_234))],
    session(T, T + 9_000),
    [["a", 1_234, "metadata"]],
  ],
  [
    "when the agent joined",
    [part("a", T + 90_000, 5_000)],
    session(T, T + 9_000),
    [["a", 9_000, "participant"]],
  ],
  [
    "when the session started, if nobody is known to have joined",
    [part("a", T + 90_000, 5_000)],
    session(T + 2_000, null),
    [["a", 2_000, "conversation"]],
  ],
  [
    "before its row was made, if nothing is known",
    [part("a", T + 90_000, 5_000)],
    null,
    [["a", 85_000, "assumed"]],
  ],
  [
    "one join each, in the order of the rows",
    [part("b", T + 95_000, 5_000), part("a", T + 90_000, 5_000)],
    session(T, T + 20_000, T + 9_000),
    [
      ["a", 9_000, "participant"],
      ["b", 20_000, "participant"],
    ],
  ],
  [
    "at the join that no part with metadata covers",
    [part("a", T + 90_000, 8_000, at(9_400)), part("b", T + 95_000, 5_000)],
    session(T, T + 9_000, T + 20_000),
    [
      ["a", 9_400, "metadata"],
      ["b", 20_000, "participant"],
    ],
  ],
  [
    "never over the part before it, if there are more parts than joins",
    [part("a", T + 15_000, 10_000), part("b", T + 16_000, 5_000)],
    session(T, T + 9_000),
    [
      ["a", 9_000, "participant"],
      ["b", 19_000, "assumed"],
    ],
  ],
  [
    "at the first join only: a recording goes on when a consultee joins or the call is transferred",
    [part("a", T + 90_000, 50_000), part("b", T + 99_000, 5_000)],
    session(T, T + 9_000, T + 20_000, T + 40_000, T + 70_000),
    [
      ["a", 9_000, "participant"],
      ["b", 70_000, "participant"],
    ],
  ],
  [
    "where the same sound is placed, when two rows give the same bytes",
    [
      part("b", T + 95_000, 8_000),
      {
        ...part("a", T + 90_000, 8_000, at(9_400)),
        file: { ...part("b", 0, 8_000).file, stated: at(9_400) },
      },
    ],
    session(T, T + 20_000),
    [
      ["a", 9_400, "metadata"],
      ["b", 9_400, "metadata"],
    ],
  ],
  [
    "together with another that overlaps it, when both say so",
    [part("a", T + 90_000, 8_000, at(1_000)), part("b", T + 90_000, 8_000, at(5_000))],
    null,
    [
      ["a", 1_000, "metadata"],
      ["b", 5_000, "metadata"],
    ],
  ],
])("an audio part is placed %s", (_title, parts, conversation, expected) => {
  const placed = placeAudio(parts, conversation);
  expect(placed.map((one) => [one.part.sourceId, one.startedAt - T, one.placement])).toEqual(expected);
});

test("the same bytes are heard once, but where they are said to begin at two instants", () => {
  const twin = (sourceId: string, stated: StatedStart | null) => ({
    ...part(sourceId, T + 90_000, 5_000, stated),
    file: { ...part("same", 0, 5_000).file, stated },
  });
  const heard = (...parts: AudioPart[]) =>
    placeAudio(parts, null).map(({ part: { sourceId }, stretches }) => [sourceId, stretches.length]);
  expect(heard(twin("a", at(0)), twin("b", at(0)))).toEqual([
    ["a", 1],
    ["b", 0],
  ]);
  expect(heard(twin("a", null), twin("b", null))).toEqual([
    ["a", 1],
    ["b", 0],
  ]);
  expect(heard(twin("a", at(0)), twin("b", at(9_000)))).toEqual([
    ["a", 1],
    ["b", 1],
  ]);
});

test("a pause in its metadata makes a part longer than its file, one before its first sample makes it later", () => {
  const pauses = [
    { from: T, to: T + 2_000 },
    { from: T + 3_000, to: T + 13_000 },
  ];
  const [placed] = placeAudio([part("a", T + 90_000, 5_000, { ...at(0), pauses })], null);
  expect(placed).toMatchObject({
    startedAt: T + 2_000,
    durationMs: 15_000,
    stretches: [
      { fromMs: 0, durationMs: 1_000, afterMs: 0 },
      { fromMs: 1_000, durationMs: 4_000, afterMs: 11_000 },
    ],
  });
});

test("those who only listen do not say when a recording began", () => {
  const conversation: Conversation = {
    ...session(null),
    participants: [{ agentId: "supervisor", joinedOn: T + 1_000, leftOn: null, speaks: false }],
  };
  expect(placeAudio([part("a", T + 9_000, 1_000)], conversation)[0]?.placement).toBe("assumed");
});

test("the worse the source, the greater the uncertainty", () => {
  const uncertainties = [
    placeAudio([part("a", T, 1, at(0))], null),
    placeAudio([part("a", T, 1)], session(T, T)),
    placeAudio([part("a", T, 1)], session(T)),
    placeAudio([part("a", T, 1)], null),
  ].map(([placed]) => placed?.uncertaintyMs ?? 0);
  expect(uncertainties).toEqual([...uncertainties].sort((a, b) => a - b));
  expect(new Set(uncertainties).size).toBe(4);
});

test("every part is placed exactly once, by start, whatever is known of it", () => {
  const anyPart = fc.record({
    createdOn: fc.integer({ min: 0, max: 3_600_000 }),
    durationMs: fc.integer({ min: 1, max: 600_000 }),
    statedMs: fc.option(fc.integer({ min: 0, max: 3_600_000 })),
  });
  fc.assert(
    fc.property(
      fc.array(anyPart, { maxLength: 8 }),
      fc.array(fc.option(fc.integer({ min: 0, max: 3_600_000 })), { maxLength: 5 }),
      (specs, joins) => {
        const parts = specs.map(({ createdOn, durationMs, statedMs }, index) =>
          part(`p${index}`, T + createdOn, durationMs, statedMs === null ? null : at(statedMs)),
        );
        const placed = placeAudio(
          parts,
          session(T, ...joins.map((join) => (join === null ? null : T + join))),
        );
        expect(placed.map((one) => one.part.sourceId).sort()).toEqual(
          parts.map((one) => one.sourceId).sort(),
        );
        const starts = placed.map((one) => one.startedAt);
        expect(starts).toEqual([...starts].sort((a, b) => a - b));
      },
    ),
  );
});
