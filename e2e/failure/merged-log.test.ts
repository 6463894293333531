import { expect, test } from "vitest";
import { mergeLogs } from "./merged-log.ts";

const at = (ms: number) => new Date(Date.UTC(2026, 2, 2, 10) + ms).toISOString();

test("lines of all parts stand by time, and what has none stands after what its part wrote before", () => {
  const recorder = [
    JSON.stringify({
      time: at(500),
      level: 30,
      part: "recorder",
      pid: 1,
      hostname: "h",
      msg: "ready",
      url: "http://x",
    }),
    "    at nothing (nowhere.ts:1:1)",
    JSON.stringify({ time: at(2_000), level: 50, msg: "segment lost", why: "no space", n: 3 }),
    '{"time":"2026-03-02T10:',
  ];
  const desktop = ["libva error", JSON.stringify({ time: at(1_000), level: 40, msg: "connection ended" })];
  const merged = mergeLogs(
    [
      { part: "recorder", text: recorder.join("\n") },
      { part: "PC-1", text: desktop.join("\n") },
      { part: "adapter", text: "no configuration\n" },
    ],
    Date.parse(at(1_000)),
  );
  expect(merged).toBe(
    [
      "10:00:00.500    -0.500  recorder  info  ready  url=http://x",
      "10:00:00.500    -0.500  recorder            at nothing (nowhere.ts:1:1)",
      "10:00:01.000    +0.000  PC-1            libva error",
      "10:00:01.000    +0.000  PC-1      warn  connection ended",
      "10:00:01.000    +0.000  adapter         no configuration",
      '10:00:02.000    +1.000  recorder  error segment lost  why="no space"  n=3',
      '10:00:02.000    +1.000  recorder        {"time":"2026-03-02T10:',
      "",
    ].join("\n"),
  );
});
