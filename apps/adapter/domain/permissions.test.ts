import { expect, test } from "vitest";
import {
  type AccessPolicy,
  type Action,
  isVisible,
  liveScope,
  mayDo,
  ROLES,
  visibleAgents,
} from "./permissions.ts";

const CLOSED: AccessPolicy = { agentsSeeOwn: false, agentsSeeWatchers: false };
const OPEN: AccessPolicy = { agentsSeeOwn: true, agentsSeeWatchers: true };

const TABLE: readonly (readonly [Action, readonly string[]])[] = [
  ["export", ["viewer", "supervisor", "admin"]],
  ["hold", ["supervisor", "admin"]],
  ["read-notes", ["viewer", "supervisor", "admin"]],
  ["comment", ["supervisor", "admin"]],
  ["tidy-notes", ["admin"]],
  ["read-trail", ["viewer", "supervisor", "admin"]],
  ["read-audit", ["admin"]],
  ["read-coverage", ["viewer", "supervisor", "admin"]],
  ["administer", ["admin"]],
  ["place-call", ["viewer", "supervisor", "admin"]],
];

test.each(TABLE)("%s may be done by %j", (action, roles) => {
  expect(ROLES.filter((role) => mayDo({ role }, action, CLOSED))).toEqual(roles);
});

test("agents see who watched only where both of it is allowed, and may do nothing else", () => {
  const allowed = (policy: AccessPolicy) =>
    TABLE.filter(([action]) => mayDo({ role: "agent" }, action, policy)).map(([action]) => action);
  expect(allowed(OPEN)).toEqual(["read-trail"]);
  for (const policy of [CLOSED, { ...OPEN, agentsSeeOwn: false }, { ...OPEN, agentsSeeWatchers: false }])
    expect(allowed(policy)).toEqual([]);
});

test("viewers and admins see everything, supervisors their teams, agents themselves where policy allows", () => {
  const asker = { agentId: "Ann@contoso.com", teamAgents: ["BOB@contoso.com", "bob@contoso.com", "cem"] };
  expect(visibleAgents({ ...asker, role: "viewer" }, CLOSED)).toBeNull();
  expect(visibleAgents({ ...asker, role: "admin" }, CLOSED)).toBeNull();
  expect(visibleAgents({ ...asker, role: "supervisor" }, CLOSED)).toEqual(["bob@contoso.com", "cem"]);
  expect(visibleAgents({ ...asker, role: "supervisor", teamAgents: [] }, OPEN)).toEqual([]);
  expect(visibleAgents({ ...asker, role: "agent" }, OPEN)).toEqual(["ann@contoso.com"]);
  expect(visibleAgents({ ...asker, role: "agent" }, CLOSED)).toEqual([]);
  expect(visibleAgents({ ...asker, role: "agent", agentId: null }, OPEN)).toEqual([]);
});

test("admins watch everybody, supervisors their teams, others themselves where policy allows", () => {
  const asker = { agentId: "Ann@contoso.com", teamAgents: ["BOB@contoso.com"] };
  const scopes = (policy: AccessPolicy) => ROLES.map((role) => liveScope({ ...asker, role }, policy));
  const team = { agents: ["bob@contoso.com"], seesMachines: false };
  const all = { agents: null, seesMachines: true };
  const own = { agents: ["ann@contoso.com"], seesMachines: false };
  expect(scopes(OPEN)).toEqual([own, team, all, own]);
  expect(scopes(CLOSED)).toEqual([null, team, all, null]);
  expect(liveScope({ role: "agent", agentId: null, teamAgents: [] }, OPEN)).toBeNull();
  expect(liveScope({ role: "supervisor", agentId: null, teamAgents: [] }, OPEN)?.agents).toEqual([]);
});

test("one agent in common is enough to see an interaction, whatever the case of the ids", () => {
  expect(isVisible(["Ann", "bob"], ["ann"])).toBe(true);
  expect(isVisible(["bob"], ["ann"])).toBe(false);
  expect(isVisible([], ["ann"])).toBe(false);
  expect(isVisible(["bob"], [])).toBe(false);
  expect(isVisible([], null)).toBe(true);
});
