import { describe, expect, test } from "vitest";
import type { FaultSettingsInput } from "../../../e2e/dynamics/faults/fault-settings.ts";
import type { CallScriptInput } from "../../../e2e/dynamics/script/call-script.ts";
import { BUSY_CALL, expectedOf, FollowedDynamics } from "./testing/followed-dynamics.ts";

/** Settled soon: the two signals of a hold are written in the same second here. */
const mapping = { holdMatchS: 1 };
const never = 3_600;

/** An agent of whom nothing is known yet. */
const NEW_FACE: CallScriptInput = {
  ...BUSY_CALL,
  agents: {
    cleo: { entraId: "a0000000-0000-4000-8000-000000000003", upn: "cleo@contoso.com", name: "Cleo Claims" },
  },
  steps: [
    { atMs: 0, do: "ring", agent: "cleo" },
    { atMs: 1_000, do: "answer", agent: "cleo" },
    { atMs: 6_000, do: "end", agent: "cleo" },
    { atMs: 7_000, do: "finish", agent: "cleo" },
  ],
};

describe.concurrent("a call with a hold and a transfer gives the events that a person would write down", () => {
  test.each([
    ["by webhooks, and nothing else than what they make the recorder read", { reconcileS: never }, {}],
    ["by polling", { events: "poll", eventsPollEveryS: 1 }, {}],
    ["by reconciliation, when every webhook is lost", { reconcileS: 1 }, { loss: 1 }],
    [
      "by webhooks that come late, twice, in any order and cut",
      { reconcileS: 2 },
      { delayMs: [0, 2_000], duplicate: 0.3, reorder: 0.3, sizeExceeded: 0.3 },
    ],
  ] satisfies [string, object, FaultSettingsInput["webhooks"]][])("%s", async (_, section, webhooks) => {
    await using own = await FollowedDynamics.open({ mapping, ...section }, { webhooks });
    await own.follow();
    const call = await own.place();
    await call.finished;
    const expected = expectedOf(call);
    expect(expected.length).toBeGreaterThan(8);
    await own.until(
      () => own.eventsOf(call),
      (events) => JSON.stringify(events) === JSON.stringify(expected),
    );
  });
});

/** Everybody's offers were over when the call was placed, so all of it can be told at once. */
const past = { startAt: Date.now() - 60_000 };

describe.concurrent("while Dynamics cannot be asked", () => {
  test("posts that need it wait and the others do not; then nothing is missing", async () => {
    await using own = await FollowedDynamics.open({ mapping, reconcileS: 1 });
    await own.follow();
    const known = await own.simulator.placeCall(BUSY_CALL, past);
    await own.until(
      () => own.eventsOf(known).length,
      (count) => count > 8,
    );
    own.simulator.faults.set({ webApi: [{ fault: "unavailable" }] });
    const call = await own.simulator.placeCall(NEW_FACE, past);
    await own.simulator.webhooks.idle();
    const waiting = await own.until(
      () => own.recorder.buffer.posts.countWaiting(),
      (count) => count > 0,
    );
    expect(own.simulator.webhooks.posts().every(({ outcome }) => outcome === "delivered")).toBe(true);
    expect(await own.metric("deskreel_dynamics_webhook_posts_waiting")).toBe(waiting);
    expect(own.eventsOf(call).filter((event) => event.includes("cleo@"))).toEqual([]);
    const checks = await own.until(
      () => own.checks(),
      (all) => all["dynamics"] !== "ok",
    );
    expect(checks["dynamics"]).toMatch(/^alarm: .*answered 503/);
    own.simulator.faults.clear();
    await own.until(
      () => own.eventsOf(call).filter((event) => event.includes("cleo@")),
      (events) => JSON.stringify(events) === JSON.stringify(expectedOf(call)),
    );
    await own.until(
      () => own.checks(),
      (all) => all["dynamics"] === "ok",
    );
    expect(own.recorder.buffer.posts.countWaiting()).toBe(0);
  });

  test("a pause that it asks for is kept, and what happened meanwhile is caught up with", async () => {
    await using own = await FollowedDynamics.open({ mapping, events: "poll", eventsPollEveryS: 0.5 });
    await own.follow();
    await own.until(
      () => own.metric("deskreel_dynamics_queries_total"),
      (count) => count > 5,
    );
    own.simulator.faults.set({ webApi: [{ fault: "too-many-requests", retryAfterS: 2, next: 1 }] });
    await own.until(
      () => own.simulator.requests.all(),
      (all) => all.some(({ status }) => status === 429),
    );
    const asked = own.simulator.requests.all().length;
    const call = await own.simulator.placeCall(BUSY_CALL, past);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(own.simulator.requests.all().length).toBe(asked);
    await own.until(
      () => own.eventsOf(call).filter((event) => !event.includes("hold")),
      (events) => JSON.stringify(events) === JSON.stringify(withoutHolds(expectedOf(call))),
    );
  });

  test("a recorder that was away begins where it ended", async () => {
    await using own = await FollowedDynamics.open({ mapping, events: "poll", eventsPollEveryS: 0.5 });
    await own.follow();
    await own.until(
      () => own.recorder.buffer.dynamics.mark("watermark"),
      (mark) => mark !== null,
    );
    await own.recorder.stop();
    const call = await own.simulator.placeCall(BUSY_CALL, past);
    await own.recorder.start();
    await own.until(
      () => own.eventsOf(call).filter((event) => !event.includes("hold")),
      (events) => JSON.stringify(events) === JSON.stringify(withoutHolds(expectedOf(call))),
    );
  });
});

test("a recorder that was away for hours reads them one by one", async () => {
  await using own = await FollowedDynamics.open({ mapping, events: "poll", eventsPollEveryS: 0.5 });
  const hour = 3_600_000;
  const { dynamics } = own.recorder.buffer;
  const watermark = Date.now() - 3.5 * hour;
  for (const mark of ["origin", "watermark"]) dynamics.advanceMark(mark, watermark);
  await own.follow();
  await own.until(
    () => own.recorder.buffer.dynamics.mark("watermark"),
    (mark) => (mark ?? 0) > watermark + 3.4 * hour,
  );
  expect(own.recorder.buffer.dynamics.mark("caught-up")).toBe(watermark + 3 * hour);
});

test("a first start takes what is open and the last hour, and nothing that was over before", async () => {
  await using own = await FollowedDynamics.open({ mapping, events: "poll", eventsPollEveryS: 0.5 });
  const { tables } = own.simulator;
  const hour = 3_600_000;
  const now = Date.now();
  const old = tables.addConversation(
    { startedAt: now - 3 * hour, closedAt: now - 2 * hour },
    {
      msdyn_wrapupinitiatedon: now - 2 * hour,
      msdyn_activeagentid: tables.addAgent(BUSY_CALL.agents["ann"] as never),
    },
  );
  const call = await own.simulator.placeCall(BUSY_CALL, past);
  await own.follow();
  await own.until(
    () => own.eventsOf(call).length,
    (count) => count > 8,
  );
  expect(own.recorder.buffer.dynamics.eventIds(`${old}:`)).toEqual([]);
});

test("the clocks' difference alarms", async () => {
  await using own = await FollowedDynamics.open(
    { events: "poll", eventsPollEveryS: 0.5 },
    { dateSkewMs: 90_000 },
  );
  await own.follow();
  const checks = await own.until(
    () => own.checks(),
    (all) => all["dynamics-clock"] !== "ok",
  );
  expect(checks["dynamics-clock"]).toMatch(/^alarm: Dynamics' clock is (89|90)\.\d s ahead/);
});

function withoutHolds(events: readonly string[]): string[] {
  return events.filter((event) => !event.includes("hold"));
}
