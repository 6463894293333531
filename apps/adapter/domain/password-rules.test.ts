import { expect, test } from "vitest";
import { normalPassword, passwordFault } from "./password-rules.ts";

test.each([
  ["short", "too-short"],
  ["üüüüüü", "too-short"],
  ["x".repeat(257), "too-long"],
  ["aaaaaaaaaaaa", "too-alike"],
  ["abababababab", "too-alike"],
  ["123456789012", "row"],
  ["lkjihgfedcba", "row"],
  ["Password2026!", "common"],
  ["!!Passwort123", "common"],
  ["Qwertyuiop12", "common"],
  ["correcthorsebatterystaple", "common"],
  ["ann.agent1234", "name"],
  ["2026Ann.Agent!!", "name"],
])("%j is refused: %s", (password, fault) => {
  expect(passwordFault(password, "ann.agent@contoso.com")).toBe(fault);
});

test.each(["mittwochs gibt es Linsen", "g7Kq-2mXw-91ab", "пароль для записи", "x".repeat(200) + "abcd1234"])(
  "%j is taken",
  (password) => {
    expect(passwordFault(password, "ann.agent@contoso.com")).toBeNull();
  },
);

test("a password is the same however its letters are composed", () => {
  expect(normalPassword("Mu\u0308ller")).toBe(normalPassword("M\u00fcller"));
});
