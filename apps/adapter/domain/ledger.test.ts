import { expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { ledgerLine, totalReasons } from "./ledger.ts";

type WithoutScreen = NonNullable<Manifest["withoutScreen"]>[number];
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

const unseen = (fromMs: number, toMs: number, reason: string, detail?: string): WithoutScreen => ({
  ...{
    recordingId: `u-${fromMs}`,
    leg: 1,
    agent: "bob@contoso.com",
    offsetMs: fromMs,
    durationMs: toMs - fromMs,
  },
  reason,
  ...(detail !== undefined && { detail }),
});

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
  ["not a screen, and nobody knows why", interaction("not-recorded", []), [["no-screen", 60_000]]],
  [
    "sound alone: no recorder told of the call",
    { ...interaction("not-recorded", []), agents: [] },
    [["no-recording", 60_000]],
  ],
  [
    "not a screen, and the recorder has said why",
    {
      ...interaction("not-recorded", []),
      withoutScreen: [unseen(0, 30_000, "desktop-offline"), unseen(20_000, 60_000, "disk-full")],
    },
    [
      ["disk-full", 40_000],
      ["desktop-offline", 30_000],
    ],
  ],
  [
    "one agent has gaps, the other no screen at all",
    {
      ...interaction("not-recorded", [[gap(0, 10_000, "desktop-offline")]]),
      withoutScreen: [unseen(5_000, 20_000, "desktop-offline")],
    },
    [["desktop-offline", 20_000]],
  ],
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

test("what more is known of a reason goes with it", () => {
  const withoutScreen = [unseen(0, 10, "desktop-offline"), unseen(10, 20, "desktop-offline", "revoked")];
  expect(ledgerLine({ ...interaction("not-recorded", []), withoutScreen }).missing).toEqual([
    { reason: "desktop-offline", ms: 20, detail: "revoked" },
  ]);
});

test("the most frequent reasons come first, with what more is known of some", () => {
  const count = (reason: string, detail: string | null, interactions: number, ms: number) => ({
    ...{ reason, detail, interactions, ms },
  });
  const totals = totalReasons([
    count("loss", null, 2, 30),
    count("desktop-offline", "revoked", 1, 10),
    count("no-audio", null, 3, 5),
    count("desktop-offline", null, 4, 10),
    count("desktop-offline", "never-enrolled", 2, 10),
    count("disk-full", null, 2, 31),
  ]);
  expect(totals).toEqual([
    {
      ...{ reason: "desktop-offline", interactions: 7, ms: 30 },
      details: [
        { detail: "never-enrolled", interactions: 2 },
        { detail: "revoked", interactions: 1 },
      ],
    },
    { reason: "no-audio", interactions: 3, ms: 5, details: [] },
    { reason: "disk-full", interactions: 2, ms: 31, details: [] },
    { reason: "loss", interactions: 2, ms: 30, details: [] },
  ]);
});
