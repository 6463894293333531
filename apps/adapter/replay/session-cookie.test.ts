import { expect, test } from "vitest";
import { issueSession, readCookie, readSession, SESSION_LASTS_MS, scopeOfToken } from "./session-cookie.ts";

const TOKENS = { viewer: "viewer-token-0123456789", admin: "admin-token-0123456789" };
const NOW = Date.UTC(2026, 2, 2, 10);

test("a session grants the scope it was issued for, until it ends", () => {
  const cookie = issueSession(TOKENS, "admin", NOW);
  expect(readSession(TOKENS, cookie, NOW + SESSION_LASTS_MS - 1_000)).toBe("admin");
  expect(readSession(TOKENS, cookie, NOW + SESSION_LASTS_MS)).toBeNull();
});

test("two sessions differ, and neither carries the token", () => {
  const [one, other] = [issueSession(TOKENS, "viewer", NOW), issueSession(TOKENS, "viewer", NOW)];
  expect(one).not.toBe(other);
  expect(one).not.toContain(TOKENS.viewer);
});

test("a session is void when its scope, its end or its token is another", () => {
  const cookie = issueSession(TOKENS, "viewer", NOW);
  const [id, scope, endsAt, sign] = cookie.split(".");
  expect(readSession(TOKENS, [id, "admin", endsAt, sign].join("."), NOW)).toBeNull();
  expect(readSession(TOKENS, [id, scope, Number(endsAt) + 1, sign].join("."), NOW)).toBeNull();
  expect(readSession({ ...TOKENS, viewer: "another-token-0123456789" }, cookie, NOW)).toBeNull();
  for (const garbage of ["", "...", "a.viewer", `${cookie}.x`, "a.b.c.d"])
    expect(readSession(TOKENS, garbage, NOW)).toBeNull();
});

test("a token has the scope of its name", () => {
  expect(scopeOfToken(TOKENS, TOKENS.viewer)).toBe("viewer");
  expect(scopeOfToken(TOKENS, TOKENS.admin)).toBe("admin");
  expect(scopeOfToken(TOKENS, "")).toBeNull();
});

test("a cookie is found by its whole name", () => {
  expect(readCookie("not_deskreel=1; deskreel=a=b ; x", "deskreel")).toBe("a=b");
  expect(readCookie("not_deskreel=1", "deskreel")).toBeNull();
  expect(readCookie(undefined, "deskreel")).toBeNull();
});
