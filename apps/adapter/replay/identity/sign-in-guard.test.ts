import { expect, test } from "vitest";
import { readCookie } from "./sessions.ts";
import { networkOf } from "./sign-in-guard.ts";

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
  ["2001:DB8:1:2::9", "2001:db8:1:2"],
  ["2001:db8::9", "2001:db8:0:0"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["::1", "0:0:0:0"],
  ["a closed connection", "a closed connection"],
])("attempts from %s count for %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test("a cookie is found by its whole name", () => {
  expect(readCookie("not_deskreel=1; deskreel=a=b ; x", "deskreel")).toBe("a=b");
  expect(readCookie("not_deskreel=1", "deskreel")).toBeNull();
  expect(readCookie(undefined, "deskreel")).toBeNull();
});
