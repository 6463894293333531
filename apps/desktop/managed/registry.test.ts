import { expect, test } from "vitest";
import { parseRegistryQuery, UnknownRegistryType, withBooleans } from "./registry.ts";

const ROOT = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Deskreel";

test("values and keys below are settings and sections", () => {
  const listed = [
    "",
    ROOT,
    "    (Default)    REG_SZ    anything",
    "    ServerUrl    REG_SZ    wss://recorder.contoso.com/v1/agent",
    "    Device    REG_EXPAND_SZ    Front desk    2",
    "    NoticeUrl    REG_SZ    ",
    "    Ports    REG_MULTI_SZ    7410\\07411",
    "",
    "HKEY_LOCAL_MACHINE\\SOFTWARE\\POLICIES\\Deskreel\\Budget",
    "    CpuPercent    REG_DWORD    0xc",
    "",
    `${ROOT}\\Budget\\Deeper`,
    "    X    REG_QWORD    0x10",
    "",
  ].join("\r\n");
  expect(parseRegistryQuery(listed, ROOT)).toEqual({
    serverUrl: "wss://recorder.contoso.com/v1/agent",
    device: "Front desk    2",
    noticeUrl: "",
    ports: ["7410", "7411"],
    budget: { cpuPercent: 12, deeper: { x: 16 } },
  });
});

test("a type that no setting is of is named", () => {
  expect(() => parseRegistryQuery(`${ROOT}\r\n    Blob    REG_BINARY    00FF`, ROOT)).toThrow(
    new UnknownRegistryType("Blob is a REG_BINARY; a setting is a text, a number or a list of texts"),
  );
});

test("1 and 0 are yes and no where a setting is one of them, and numbers elsewhere", () => {
  const types: Record<string, string> = {
    "s.on": "boolean",
    "s.n": "number",
    quiet: "boolean",
    percent: "number",
  };
  const isAllowed = (settings: object, above = ""): boolean =>
    Object.entries(settings).every(([key, value]) =>
      typeof value === "object" ? isAllowed(value, `${key}.`) : types[above + key] === typeof value,
    );
  const settings = { quiet: 0, percent: 1, text: "1", s: { on: 1, n: 0 }, unknown: 1 };
  expect(withBooleans(settings, isAllowed)).toEqual({
    quiet: false,
    percent: 1,
    text: "1",
    s: { on: true, n: 0 },
    unknown: 1,
  });
});
