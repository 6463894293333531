import { expect, test } from "vitest";
import { DataverseStore } from "../dataverse/dataverse-store.ts";
import { seedRows } from "../dataverse/seed-rows.ts";
import { expectedEvents, expectedPairs } from "./call-truth.ts";
import { countedIds, playInto } from "./play-into.ts";
import { listCallScripts, loadCallScript } from "./shipped-scripts.ts";

const START = Date.UTC(2026, 2, 2, 10);

async function play(name: string) {
  const clock = { at: START, now: () => clock.at };
  const store = new DataverseStore(clock);
  seedRows(store);
  const setClock = (at: number) => {
    clock.at = at;
  };
  return playInto(store, await loadCallScript(name), START, setClock, countedIds());
}

/**
 * What a person who watched the call would write down: per agent, second and event. `all` = the agent is through with
 * every call, as presence and logout say it; `2:` = of the script's second conversation.
 */
const EXPECTED: Record<string, Record<string, string>> = {
  "one-call": {
    ann: "0 ringing, 2 connected, 13 on-hold, 16 hold-done, 25 wrap-up, 27 agent-available",
  },
  transfer: {
    ann: "0 ringing, 2 connected, 12 wrap-up, 14 agent-available all, 22 agent-available",
    bob: "9 ringing, 11 connected, 19 wrap-up, 22 agent-available",
  },
  "transfer-to-queue": {
    ann: "0 ringing, 2 connected, 7 wrap-up, 9 agent-available all, 19 agent-available",
    bob: "10 ringing, 12 connected, 17 wrap-up, 19 agent-available",
  },
  "transfer-missed": {
    ann: "0 ringing, 2 connected, 16 wrap-up, 18 agent-available",
    bob: "7 ringing, 12 not-responding, 18 agent-available",
  },
  "not-responding": { ann: "0 ringing, 6 not-responding, 8 agent-available" },
  rejected: {
    ann: "0 ringing, 3 not-responding, 16 agent-available",
    bob: "5 ringing, 7 connected, 14 wrap-up, 16 agent-available",
  },
  "auto-answer": { ann: "1 connected, 8 wrap-up, 10 agent-available" },
  outbound: { ann: "0 connected, 9 wrap-up, 12 agent-available" },
  consult: {
    ann: "0 ringing, 2 connected, 6 on-hold, 6 consulting, 14 consult-done, 15 hold-done, 19 wrap-up, 21 agent-available",
    bob: "6 ringing, 8 connected, 14 agent-available, 14 agent-available all, 21 agent-available",
  },
  "consult-rejected": {
    ann: "0 ringing, 2 connected, 6 on-hold, 6 consulting, 9 consult-done, 11 hold-done, 15 wrap-up, 17 agent-available",
    bob: "6 ringing, 9 not-responding, 17 agent-available",
  },
  "consult-missed": {
    ann: "0 ringing, 2 connected, 6 on-hold, 6 consulting, 12 consult-done, 13 hold-done, 17 wrap-up, 19 agent-available",
    bob: "6 ringing, 12 not-responding, 19 agent-available",
  },
  conference: {
    ann:
      "0 ringing, 2 connected, 6 on-hold, 6 consulting, 11 hold-done, 11 conferencing, 17 consult-done, " +
      "20 wrap-up, 22 agent-available",
    bob: "6 ringing, 8 connected, 11 conferencing, 17 agent-available, 17 agent-available all, 22 agent-available",
  },
  monitor: { ann: "0 ringing, 2 connected, 15 wrap-up, 17 agent-available" },
  bot: { ann: "8 ringing, 10 connected, 15 wrap-up, 17 agent-available" },
  "chat-beside-voice": { ann: "0 ringing, 2 connected, 10 wrap-up, 12 agent-available" },
  "presence-by-hand": {
    ann: "0 ringing, 2 connected, 12 wrap-up, 17 agent-available all, 20 agent-available",
  },
  "log-out": { ann: "0 ringing, 2 connected, 9 agent-available all, 13 agent-available" },
  "browser-closed": { ann: "0 ringing, 2 connected, 20 agent-available" },
  "browser-refreshed": {
    ann: "0 ringing, 3 not-responding, 14 agent-available",
    bob: "5 ringing, 7 connected, 12 wrap-up, 14 agent-available",
  },
  "customer-leaves-ringing": { ann: "0 ringing, 5 not-responding, 5 agent-available" },
  "customer-leaves-talking": { ann: "0 ringing, 2 connected, 9 wrap-up, 12 agent-available" },
  "customer-leaves-held": {
    ann: "0 ringing, 2 connected, 6 on-hold, 11 hold-done, 11 wrap-up, 14 agent-available",
  },
  "second-call-in-wrap-up": {
    ann:
      "0 ringing, 2 connected, 8 wrap-up, 2:10 ringing, 2:13 connected, 16 agent-available, " +
      "2:20 wrap-up, 2:22 agent-available",
  },
};

test("every shipped script has its expectation", async () => {
  expect(await listCallScripts()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.keys(EXPECTED))(
  "the simulator's own record of %s is what a person would write",
  async (name) => {
    const truths = await play(name);
    const told: Record<string, string[]> = {};
    for (const { agent, at, type, callSessionId } of expectedEvents(truths)) {
      const number = truths.findIndex((truth) => truth.callSessionId === callSessionId) + 1;
      const prefix = number > 1 ? `${number}:` : "";
      const line = `${prefix}${(at - START) / 1000} ${type}${callSessionId === null ? " all" : ""}`;
      (told[agent.replace("@contoso.com", "")] ??= []).push(line);
    }
    expect(
      Object.fromEntries(Object.entries(told).map(([agent, lines]) => [agent, lines.join(", ")])),
    ).toEqual(EXPECTED[name]);
  },
);

/** Agent, and from when to when a recording is kept of it; "not answered": none may be. */
test.each([
  ["one-call", ["ann 2-27"]],
  ["transfer", ["ann 2-14", "bob 11-22"]],
  ["rejected", ["ann not answered", "bob 7-16"]],
  ["consult", ["ann 2-21", "bob 8-14"]],
  ["log-out", ["ann 2-9"]],
  ["browser-refreshed", ["ann not answered", "bob 7-14"]],
  ["second-call-in-wrap-up", ["ann 2-16", "ann 13-22"]],
  ["monitor", ["ann 2-17"]],
  ["bot", ["ann 10-17"]],
  ["customer-leaves-ringing", ["ann not answered"]],
])("of %s there is kept %j", async (name, expected) => {
  const pairs = expectedPairs(await play(name)).map(({ agent, isKept, answeredAt, endedAt }) => {
    const second = (at: number | null) => (at === null ? "?" : String((at - START) / 1000));
    const kept = isKept ? `${second(answeredAt)}-${second(endedAt)}` : "not answered";
    return `${agent.replace("@contoso.com", "")} ${kept}`;
  });
  expect(pairs).toEqual(expected);
});
