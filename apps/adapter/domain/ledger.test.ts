import fc from "fast-check";
import { expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { ledgerLine, ledgerTotals } from "./ledger.ts";

type Coverage = Manifest["screens"][number]["coverage"];

const SOUND = { file: "audio.m4a", parts: [] };

function interaction(
  coverage: Manifest["coverage"],
  screens: readonly Coverage[],
  hasSound = true,
): Manifest {
  return {
    ...{ format: "deskreel.interaction/1", interactionId: "a-1", version: 1, durationMs: 60_000, coverage },
    ...{ startedAt: "2026-03-02T10:00:00.000Z", endedAt: "2026-03-02T10:01:00.000Z", events: [], files: [] },
    ...{ call: { queue: "Billing" }, agents: [{ agent: "ann@contoso.com", name: "Ann Agent" }] },
    audio: hasSound ? SOUND : null,
    screens: screens.map((its, index) => ({
      ...{ file: `screen-${index}.mp4`, recordingId: "r", leg: 1, agent: "ann@contoso.com", desktop: "PC" },
      ...{ display: String(index), width: 640, height: 360, offsetMs: 0, durationMs: 60_000, coverage: its },
    })),
  };
}

const gap = (fromMs: number, toMs: number, reason: string) => ({
  fromMs,
  toMs,
  state: "gap" as const,
  reason,
});

test.each([
  ["complete", interaction("recorded", [[]]), []],
  ["complete, without sound", interaction("recorded", [[]], false), [["no-audio", 60_000]]],
  [
    "two monitors lost at once count once, longest reason first",
    interaction("partial", [
      [gap(10_000, 20_000, "connection-lost"), gap(30_000, 35_000, "loss")],
      [gap(15_000, 25_000, "connection-lost")],
    ]),
    [
      ["connection-lost", 15_000],
      ["loss", 5_000],
    ],
  ],
  ["not a screen", interaction("not-recorded", []), [["no-screen", 60_000]]],
  ["the start of a capture", interaction("partial", [[gap(0, 2_000, "late-start")]]), []],
  ["a late start", interaction("partial", [[gap(0, 2_001, "late-start")]]), [["late-start", 2_001]]],
  ["a gap that reaches beyond", interaction("partial", [[gap(-5, 70_000, "loss")]]), [["loss", 60_000]]],
  [
    "what somebody paused is no gap",
    interaction("partial", [[{ fromMs: 0, toMs: 9, state: "paused", reason: "card-number" }]]),
    [],
  ],
])("%s", (_what, manifest, missing) => {
  expect(ledgerLine(manifest).missing.map(({ reason, ms }) => [reason, ms])).toEqual(missing);
});

test("totals count every interaction once per reason, whatever order they come in", () => {
  const lines = [
    interaction("recorded", [[]]),
    interaction("partial", [[gap(0, 10_000, "loss")]]),
    interaction("partial", [[gap(0, 20_000, "loss"), gap(30_000, 40_000, "disk-full")]], false),
    interaction("not-recorded", []),
  ].map(ledgerLine);
  const expected = {
    ...{ interactions: 4, partial: 2, notRecorded: 1 },
    reasons: [
      { reason: "loss", interactions: 2, ms: 30_000 },
      { reason: "no-audio", interactions: 1, ms: 60_000 },
      { reason: "no-screen", interactions: 1, ms: 60_000 },
      { reason: "disk-full", interactions: 1, ms: 10_000 },
    ],
  };
  fc.assert(
    fc.property(fc.shuffledSubarray(lines, { minLength: lines.length }), (shuffled) => {
      const { reasons, ...counts } = ledgerTotals(shuffled);
      const { reasons: expectedReasons, ...expectedCounts } = expected;
      expect(counts).toEqual(expectedCounts);
      expect(reasons).toEqual(expect.arrayContaining(expectedReasons));
      expect(reasons[0]).toEqual(expectedReasons[0]);
    }),
  );
});
