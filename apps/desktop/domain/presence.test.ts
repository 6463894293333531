import { expect, test } from "vitest";
import { hiddenReason, PRESENT } from "./presence.ts";

test.each([
  ["a session in use", {}, "pause", null],
  ["a locked one", { isLocked: true }, "pause", "session-locked"],
  ["a disconnected one", { isDisconnected: true }, "pause", "session-disconnected"],
  [
    "a disconnected one, which Windows locks too",
    { isDisconnected: true, isLocked: true },
    "pause",
    "session-disconnected",
  ],
  ["a sleeping computer", { isAsleep: true, isLocked: true }, "pause", "desktop-offline"],
  ["a locked one that is to be recorded", { isLocked: true }, "record", null],
  ["a disconnected one that is to be recorded", { isDisconnected: true }, "record", null],
  ["a sleeping computer that is to be recorded", { isAsleep: true }, "record", "desktop-offline"],
  ["a locked one under a policy that does not say", { isLocked: true }, undefined, "session-locked"],
] as const)("%s: %o, %s → %s", (_, presence, whenLocked, reason) => {
  expect(hiddenReason({ ...PRESENT, ...presence }, whenLocked)).toBe(reason);
});
