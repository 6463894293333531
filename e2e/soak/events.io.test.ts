import { expect, test } from "vitest";
import { soakEvents } from "./soak-events.ts";
import { describeSoak } from "./describe-soak.ts";

/** A tenth of the soak. Of the seeds of dense days one with consultations, transfers, chats and many refused offers. */
const TENTH = { seed: 193, calls: 20, kills: 1 };

test("a tenth of the soak: a recorder that is killed while Dynamics misbehaves has all that happened, and nothing else", async () => {
  const lines: string[] = [];
  const result = await soakEvents(TENTH, (line) => lines.push(line), new AbortController().signal);
  console.log(describeSoak(result));
  expect(result.faults, [...lines, describeSoak(result)].join("\n")).toEqual([]);
  const { pairs } = result.judgement;
  expect(pairs.accounted).toBe(pairs.answered + pairs.unanswered);
  expect([pairs.answered, pairs.unanswered].every((count) => count >= 10)).toBe(true);
  expect(result.recorder.kills).toBe(TENTH.kills);
  // Faults that did not happen prove nothing.
  const { webhooks, requests } = result;
  expect(
    [webhooks.lost, webhooks.duplicates, webhooks.cut, requests.spoiled].every((count) => count > 0),
  ).toBe(true);
}, 180_000);
