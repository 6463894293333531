import fc from "fast-check";
import { expect, test } from "vitest";
import { CALL_EVENT_TYPES, type CallEventType } from "../api/call-event.ts";
import { callStretches, type ManifestEvent } from "./call-stretches.ts";

function event(offsetMs: number, type: CallEventType, agent = "ann@contoso.com"): ManifestEvent {
  return { at: new Date(offsetMs).toISOString(), offsetMs, type, agent };
}

test("an ordinary call is ring, talk, hold, talk, wrap-up", () => {
  const events = [
    event(0, "ringing"),
    event(3_000, "connected"),
    event(10_000, "on-hold"),
    event(12_000, "hold-done"),
    event(20_000, "wrap-up"),
    event(25_000, "agent-available"),
  ];
  expect(callStretches(events, 30_000)).toEqual([
    { fromMs: 0, toMs: 3_000, state: "ring" },
    { fromMs: 3_000, toMs: 10_000, state: "talk" },
    { fromMs: 10_000, toMs: 12_000, state: "hold" },
    { fromMs: 12_000, toMs: 20_000, state: "talk" },
    { fromMs: 20_000, toMs: 25_000, state: "wrap-up" },
  ]);
});

test("an agent who left and came back has a hole between the two legs", () => {
  const events = [
    event(0, "connected"),
    event(5, "agent-available"),
    event(8, "ringing"),
    event(9, "not-responding"),
  ];
  expect(callStretches(events, 20)).toEqual([
    { fromMs: 0, toMs: 5, state: "talk" },
    { fromMs: 8, toMs: 9, state: "ring" },
  ]);
});

test("what is not ended by an event lasts to the end", () => {
  expect(callStretches([event(4, "consulting")], 10)).toEqual([{ fromMs: 4, toMs: 10, state: "consult" }]);
});

test("an event that changes nothing does not cut a stretch in two", () => {
  expect(callStretches([event(0, "connected"), event(4, "hold-done")], 10)).toEqual([
    { fromMs: 0, toMs: 10, state: "talk" },
  ]);
});

test("stretches are in order, within the interaction and never overlap, whatever the events", () => {
  const anyEvent = fc.record({ offsetMs: fc.nat(1_000), type: fc.constantFrom(...CALL_EVENT_TYPES) });
  fc.assert(
    fc.property(fc.array(anyEvent), (events) => {
      const stretches = callStretches(
        events.map(({ offsetMs, type }) => event(offsetMs, type)),
        1_000,
      );
      const edges = stretches.flatMap(({ fromMs, toMs }) => [fromMs, toMs]);
      expect(edges).toEqual(edges.toSorted((left, right) => left - right));
      expect(stretches.every(({ fromMs, toMs }) => fromMs < toMs && toMs <= 1_000)).toBe(true);
    }),
  );
});
