import { describe, expect, test } from "vitest";
import type { Finding } from "./finding.ts";
import { formatSpan } from "./finding.ts";
import { FindingsText, findingsJson } from "./findings.mjs";

const findings: Finding[] = [
  { group: "Set-up", name: "Node.js", state: "ok", found: "24.21.0" },
  { group: "Set-up", name: "ffmpeg", state: "fail", found: "not there", mend: "apt-get install -y ffmpeg" },
  {
    group: "Call buffer /srv/buffer",
    name: "files",
    state: "warn",
    found: `${"word ".repeat(30)}/a/path/${"x".repeat(90)} end`,
    mend: "look ".repeat(30),
  },
];

function write(colours: boolean): string {
  const text = new FindingsText({ colours });
  return findings.map((finding) => text.write(finding)).join("") + text.sum(findings);
}

describe("findings as text", () => {
  test("stand under their group, each with its mark, what was found and what to do", () => {
    expect(write(false).split("\n").slice(0, 6)).toEqual([
      "Set-up",
      "  ok    Node.js              24.21.0",
      "  FAIL  ffmpeg               not there",
      `${" ".repeat(29)}-> apt-get install -y ffmpeg`,
      "",
      "Call buffer /srv/buffer",
    ]);
  });

  test("fit 100 columns; only a word that is longer gets a longer line, whole", () => {
    const long = write(false)
      .split("\n")
      .filter((line) => line.length > 100);
    expect(long.map((line) => line.trim())).toEqual([`/a/path/${"x".repeat(90)}`]);
  });

  test("have colours only when told so, and the same words then", () => {
    expect(write(false)).not.toContain("\u001B");
    // oxlint-disable-next-line no-control-regex -- that is what is taken away
    expect(write(true).replaceAll(/\u001B\[\d+m/g, "")).toBe(write(false));
  });

  test("end with the names of those that are not fine, and how many there are of each", () => {
    expect(write(false).trimEnd().split("\n").slice(-3)).toEqual([
      "  FAIL  Set-up: ffmpeg",
      "  warn  Call buffer /srv/buffer: files",
      "1 failed, 1 warning, 1 fine.",
    ]);
  });
});

test("findings as JSON carry all of them, and whether nothing failed", () => {
  expect(JSON.parse(findingsJson(findings))).toEqual({
    ...{ ok: false, counts: { ok: 1, warn: 1, fail: 1 }, findings },
  });
});

test.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h"],
  [11_520_000, "3 h 12 min"],
  [86_400_000, "1 d"],
  [183_600_000, "2 d 3 h"],
])("%d ms are said as %s", (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});
