import fc from "fast-check";
import { expect, test } from "vitest";
import { CALL_EVENT_TYPES, type CallEventType } from "#shared/api/call-event.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { callLife } from "./call-life.ts";

type Seen = [fromMs: number, toMs: number, state: "captured" | "paused" | "gap", reason?: string];

function event(offsetMs: number, type: CallEventType, agent = "ann"): Manifest["events"][number] {
  return { at: "2026-03-02T10:00:00.000Z", offsetMs, type, agent };
}

function screen(agent: string, ...seen: Seen[]): Manifest["screens"][number] {
  return {
    ...{ file: "screen-1.mp4", recordingId: "r", leg: 1, agent, desktop: "PC", display: "1" },
    ...{ width: 640, height: 360, offsetMs: 0, durationMs: 100_000 },
    coverage: seen.map(([fromMs, toMs, state, reason]) => ({
      ...{ fromMs, toMs, state },
      ...(reason === undefined ? {} : { reason }),
    })),
  };
}

const ORDINARY = [
  event(0, "ringing"),
  event(3_000, "connected"),
  event(10_000, "on-hold"),
  event(20_000, "hold-done"),
  event(30_000, "wrap-up"),
  event(40_000, "agent-available"),
];

const lifeOf = (events: Manifest["events"], screens: Manifest["screens"], durationMs = 40_000) =>
  callLife({ events, screens, durationMs }).map(({ fromMs, toMs, state }) => `${fromMs}-${toMs} ${state}`);

test("what is recorded all the time is what the agent did", () => {
  expect(lifeOf(ORDINARY, [screen("ann", [500, 40_000, "captured"])])).toEqual([
    "0-3000 ring",
    "3000-10000 talk",
    "10000-20000 hold",
    "20000-30000 talk",
    "30000-40000 wrap-up",
  ]);
});

test.each<[string, Manifest["screens"], string[]]>([
  ["nothing is recorded", [], ["0-3000 ring", "3000-40000 gap"]],
  [
    "the middle is missing",
    [
      screen(
        "ann",
        [0, 5_000, "captured"],
        [5_000, 8_000, "gap", "connection-lost"],
        [8_000, 40_000, "captured"],
      ),
    ],
    [
      "0-3000 ring",
      "3000-5000 talk",
      "5000-8000 gap",
      "8000-10000 talk",
      "10000-20000 hold",
      "20000-30000 talk",
      "30000-40000 wrap-up",
    ],
  ],
  [
    "the other monitor has it",
    [
      screen("ann", [0, 5_000, "captured"], [5_000, 40_000, "gap", "loss"]),
      screen("ann", [4_000, 40_000, "paused"]),
    ],
    ["0-3000 ring", "3000-10000 talk", "10000-20000 hold", "20000-30000 talk", "30000-40000 wrap-up"],
  ],
  [
    "the monitor was off",
    [screen("ann", [0, 30_000, "captured"], [30_000, 40_000, "gap", "monitor-off"])],
    ["0-3000 ring", "3000-10000 talk", "10000-20000 hold", "20000-30000 talk", "30000-40000 wrap-up"],
  ],
  [
    "the capture starts within two seconds of the answer",
    [screen("ann", [4_900, 40_000, "captured"])],
    ["0-3000 ring", "3000-10000 talk", "10000-20000 hold", "20000-30000 talk", "30000-40000 wrap-up"],
  ],
  [
    "the capture starts too late",
    [screen("ann", [5_100, 40_000, "captured"])],
    [
      "0-3000 ring",
      "3000-5100 gap",
      "5100-10000 talk",
      "10000-20000 hold",
      "20000-30000 talk",
      "30000-40000 wrap-up",
    ],
  ],
])("when %s", (_title, screens, life) => {
  expect(lifeOf(ORDINARY, screens)).toEqual(life);
});

test("of two agents the one who talks is shown, and a gap of either", () => {
  const events = [
    event(0, "connected"),
    event(10_000, "consulting"),
    event(12_000, "connected", "bob"),
    event(20_000, "wrap-up"),
    event(25_000, "agent-available"),
    event(30_000, "agent-available", "bob"),
  ];
  const screens = [
    screen("ann", [0, 25_000, "captured"]),
    screen(
      "bob",
      [12_000, 22_000, "captured"],
      [22_000, 23_000, "gap", "loss"],
      [23_000, 30_000, "captured"],
    ),
  ];
  expect(lifeOf(events, screens, 30_000)).toEqual([
    "0-10000 talk",
    "10000-12000 consult",
    "12000-22000 talk",
    "22000-23000 gap",
    "23000-30000 talk",
  ]);
});

test("stretches are in order, within the call and never overlap, whatever happened", () => {
  const ms = fc.integer({ min: -50, max: 150 });
  const anyEvent = fc.record({
    offsetMs: fc.nat(100),
    type: fc.constantFrom(...CALL_EVENT_TYPES),
    agent: fc.constantFrom("ann", "bob"),
  });
  const anySeen = fc.tuple(ms, ms, fc.constantFrom("captured" as const, "gap" as const));
  fc.assert(
    fc.property(fc.array(anyEvent), fc.array(anySeen), (events, seen) => {
      const life = callLife({
        events: events.map(({ offsetMs, type, agent }) => event(offsetMs, type, agent)),
        screens: [
          screen("ann", ...seen.map(([a, b, state]): Seen => [Math.min(a, b), Math.max(a, b), state])),
        ],
        durationMs: 100,
      });
      const edges = life.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
      expect(edges).toEqual(edges.toSorted((left, right) => left - right));
      expect(life.every(({ fromMs, toMs }) => 0 <= fromMs && fromMs < toMs && toMs <= 100)).toBe(true);
    }),
  );
});
