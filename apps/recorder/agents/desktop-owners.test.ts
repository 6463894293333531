import { beforeEach, expect, test } from "vitest";
import type { AgentNames } from "./agent-names.ts";
import { DesktopOwners } from "./desktop-owners.ts";

/** Names that are all known already. */
const names: AgentNames = {
  resolve: (name) => (name === "contoso\\bob" ? "bob@contoso.com" : name),
  learn: ([first = ""]) => first,
};

let owners: DesktopOwners;
beforeEach(() => {
  owners = new DesktopOwners(names);
  owners.take([
    { device: "pc-1", osUser: "kiosk", agent: "contoso\\bob" },
    { device: "pc-1", osUser: null, agent: "carol" },
  ]);
});

test.each([
  ["PC-1", "Kiosk", "bob@contoso.com"],
  ["PC-1", "CONTOSO\\kiosk", "bob@contoso.com"],
  ["PC-1", "somebody", "carol"],
  ["PC-2", "kiosk", "whoever"],
])("the desktop of %s, signed in as %s, is %s's", (device, osUser, owner) => {
  expect(owners.ownerOf({ agent: "whoever", device, osUser })).toBe(owner);
});

test("what the file no longer says holds no longer", () => {
  owners.take([]);
  expect(owners.ownerOf({ agent: "whoever", device: "PC-1", osUser: "kiosk" })).toBe("whoever");
});
