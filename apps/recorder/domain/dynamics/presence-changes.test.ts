import { expect, test } from "vitest";
import { presenceOfHistory, presenceOfStatus } from "./presence-changes.ts";
import type { AgentStatusRow, PresenceRow } from "./rows.ts";
import { PRESENCE } from "./testing/known-rows.ts";

const PRESENCES = new Map<string, PresenceRow>([
  ["here", { id: "here", version: 1, base: PRESENCE.available }],
  ["lunch", { id: "lunch", version: 1, base: PRESENCE.away }],
]);
const STATUS: AgentStatusRow = {
  id: "status",
  version: 1,
  userId: "ann",
  presenceId: "lunch",
  isLoggedIn: true,
  presenceModifiedAt: 10_000,
  modifiedAt: 11_000,
};

test("a row of the history is the presence from its start on, by what the presence counts as", () => {
  const row = {
    id: "h",
    version: 1,
    userId: "ann",
    presenceId: "lunch",
    isLoggedIn: true,
    startedAt: 10_000,
  };
  expect(presenceOfHistory(row, PRESENCES)).toEqual({
    userId: "ann",
    at: 10_000,
    base: PRESENCE.away,
    isLoggedIn: true,
  });
  expect(presenceOfHistory({ ...row, presenceId: "unheard of" }, PRESENCES).base).toBeNull();
});

test.each<[string, Partial<AgentStatusRow>, AgentStatusRow | null, { at: number; base: number } | null]>([
  ["the first state that is seen", {}, null, { at: 10_000, base: PRESENCE.away }],
  [
    "another presence",
    { presenceId: "here", presenceModifiedAt: 20_000, modifiedAt: 21_000 },
    STATUS,
    { at: 20_000, base: PRESENCE.available },
  ],
  ["another capacity", { modifiedAt: 21_000 }, STATUS, null],
  [
    "a logout that leaves the presence: at the time of the write",
    { isLoggedIn: false, modifiedAt: 21_000 },
    STATUS,
    { at: 21_000, base: PRESENCE.away },
  ],
  [
    "a presence without its own time",
    { presenceId: "here", presenceModifiedAt: null, modifiedAt: 21_000 },
    STATUS,
    { at: 21_000, base: PRESENCE.available },
  ],
])("a state of the agent's status: %s", (_name, facts, before, expected) => {
  const change = presenceOfStatus({ ...STATUS, ...facts }, before, PRESENCES);
  expect(change === null ? null : { at: change.at, base: change.base }).toEqual(expected);
});
