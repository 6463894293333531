import { expect, test } from "vitest";
import { HttpProblem } from "#shared/http/problem.ts";
import { HASH_COST, PasswordHasher } from "./password-hasher.ts";

const QUICK = { memory: 8, passes: 1, parallelism: 1 };
const PASSWORD = "mittwochs gibt es Linsen";

test("a password is kept as argon2id at OWASP's cost, with a salt of its own, and found again", async () => {
  const hasher = new PasswordHasher(HASH_COST);
  const [one, other] = await Promise.all([hasher.hash(PASSWORD), hasher.hash(PASSWORD)]);
  expect(one).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  expect(one).not.toBe(other);
  expect(await hasher.isOf(PASSWORD, one)).toBe(true);
  expect(hasher.isOutdated(one)).toBe(false);
});

test("another password, no account and a changed hash are all refused", async () => {
  const hasher = new PasswordHasher(QUICK);
  const stored = await hasher.hash(PASSWORD);
  expect(await hasher.isOf(PASSWORD, stored)).toBe(true);
  expect(await hasher.isOf(`${PASSWORD} `, stored)).toBe(false);
  expect(await hasher.isOf(PASSWORD, null)).toBe(false);
  const last = stored.endsWith("A") ? "B" : "A";
  expect(await hasher.isOf(PASSWORD, `${stored.slice(0, -3)}${last}${stored.slice(-2)}`)).toBe(false);
  await expect(hasher.isOf(PASSWORD, "plain")).rejects.toThrow("not argon2id");
});

test("a hash of another cost is still good, and known to be outdated", async () => {
  const stored = await new PasswordHasher({ ...QUICK, passes: 2 }).hash(PASSWORD);
  const hasher = new PasswordHasher(QUICK);
  expect(await hasher.isOf(PASSWORD, stored)).toBe(true);
  expect(hasher.isOutdated(stored)).toBe(true);
});

test("letters that are composed otherwise are the same password", async () => {
  const hasher = new PasswordHasher(QUICK);
  expect(
    await hasher.isOf("Mu\u0308nchner Kindl im Regen", await hasher.hash("M\u00fcnchner Kindl im Regen")),
  ).toBe(true);
});

test("of more people at once than can wait the last are told to try again, and all others are served", async () => {
  const hasher = new PasswordHasher(QUICK);
  const tries = await Promise.allSettled(Array.from({ length: 60 }, () => hasher.hash(PASSWORD)));
  const refused = tries.flatMap((tried) => (tried.status === "rejected" ? [tried.reason as unknown] : []));
  expect(refused).toHaveLength(60 - 34);
  expect(refused.every((error) => error instanceof HttpProblem && error.status === 503)).toBe(true);
  expect(await hasher.isOf(PASSWORD, await hasher.hash(PASSWORD))).toBe(true);
});
