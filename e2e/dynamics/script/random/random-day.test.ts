import fc from "fast-check";
import { expect, test } from "vitest";
import { DataverseStore } from "../../dataverse/dataverse-store.ts";
import { seedRows } from "../../dataverse/seed-rows.ts";
import { type CallTruth, expectedEvents, expectedPairs } from "../call-truth.ts";
import { countedIds, playAllInto } from "../play-into.ts";
import { dayFrom, dayOfSeed, type DaySize, type RandomDay, randomDays } from "./random-day.ts";

const START = Date.UTC(2026, 2, 2, 10);
const SIZE: DaySize = { agents: 4, calls: { min: 0, max: 8 }, longestS: 20 };

function play(day: RandomDay): CallTruth[] {
  const clock = { at: START, now: () => clock.at };
  const store = new DataverseStore(clock);
  seedRows(store);
  const setClock = (at: number) => {
    clock.at = at;
  };
  return playAllInto(store, dayFrom(day, START), setClock, countedIds());
}

test("every random day can be played, and each offer of it is told once, with its end", () => {
  fc.assert(
    fc.property(randomDays(SIZE), (day) => {
      const truths = play(day);
      expect(truths).toHaveLength(day.length);
      const all = expectedEvents(truths);
      for (const part of truths.flatMap((truth) => truth.parts(all))) {
        expect(part.endedAt).toBeGreaterThan(part.answeredAt ?? part.offeredAt);
      }
    }),
  );
});

test("in no second do two calls have something to say of one agent, but that it is over", () => {
  fc.assert(
    fc.property(randomDays(SIZE), (day) => {
      const said = new Map<string, string>();
      for (const { agent, at, type, callSessionId } of expectedEvents(play(day))) {
        if (type === "agent-available" || callSessionId === null) continue;
        const key = `${agent} ${at}`;
        expect(said.get(key) ?? callSessionId).toBe(callSessionId);
        said.set(key, callSessionId);
      }
    }),
  );
});

test("an agent who rings or talks is offered no other call, but in a wrap-up that does not block", () => {
  fc.assert(
    fc.property(randomDays(SIZE), (day) => {
      const truths = play(day);
      const all = expectedEvents(truths);
      const wrapUps = (agent: string) =>
        all.filter((event) => event.agent === agent && event.type === "wrap-up");
      const parts = truths.flatMap((truth) => truth.parts(all));
      for (const first of parts) {
        for (const second of parts) {
          if (first === second || first.agent !== second.agent || first.offeredAt > second.offeredAt)
            continue;
          if ((first.endedAt ?? Number.POSITIVE_INFINITY) <= second.offeredAt) continue;
          const inWrapUp = wrapUps(first.agent).some(
            ({ at, callSessionId }) => callSessionId === first.callSessionId && at <= second.offeredAt,
          );
          expect([first, second, inWrapUp]).toEqual([first, second, true]);
        }
      }
    }),
  );
});

test("a seed's day is the same each time, and another seed's is another", () => {
  expect(dayOfSeed(1, SIZE)).toEqual(dayOfSeed(1, SIZE));
  expect(dayOfSeed(1, SIZE)).not.toEqual(dayOfSeed(2, SIZE));
});

test("days have everything in them that a call centre's days have", () => {
  const day = dayOfSeed(1, { agents: 8, calls: { min: 300, max: 300 }, longestS: 20 });
  const truths = play(day);
  const done = new Set(day.flatMap(({ script }) => script.steps.map((step) => step.do)));
  expect([...done].sort()).toEqual([
    "answer",
    "close-browser",
    "consult",
    "customer-leaves",
    "drop-offer",
    "end",
    "finish",
    "force-close",
    "hold",
    "join",
    "leave",
    "log-in",
    "log-out",
    "miss",
    "presence",
    "reject",
    "resume",
    "ring",
    "transfer-to-agent",
    "transfer-to-queue",
  ]);
  const pairs = expectedPairs(truths);
  const shareKept = pairs.filter(({ isKept }) => isKept).length / pairs.length;
  expect(shareKept).toBeGreaterThan(0.5);
  expect(shareKept).toBeLessThan(0.9);
  const all = expectedEvents(truths);
  expect(all.filter(({ type }) => type === "conferencing").length).toBeGreaterThan(20);
  const answered = truths.flatMap((truth) => truth.parts(all)).filter((part) => part.answeredAt !== null);
  const overlaps = answered.filter((part) =>
    answered.some(
      (other) =>
        other.agent === part.agent &&
        other.callSessionId !== part.callSessionId &&
        other.offeredAt > part.offeredAt &&
        other.offeredAt < Number(part.endedAt),
    ),
  );
  expect(overlaps.length).toBeGreaterThan(5);
});
