import { Registry } from "prom-client";
import { expect, test } from "vitest";
import type { DesktopFigures } from "#shared/protocol/messages.ts";
import type { DesktopView } from "../capture/ports.ts";
import { desktopMetrics } from "./desktop-metrics.ts";

const desktop = (figures: DesktopFigures | null): DesktopView => ({
  ...{ device: "PC", state: "recording", displays: [], appVersion: "0.1.0", since: 0 },
  figures,
});

async function linesFor(desktops: DesktopView[]): Promise<string[]> {
  const registry = new Registry();
  for (const metric of desktopMetrics({ agents: () => [{ agent: "ann", desktops }] }))
    registry.registerMetric(metric);
  return (await registry.metrics()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

test("thousands of desktops are seven lines", async () => {
  const figures: DesktopFigures = { cpuPercent: 4, uplinkKbps: 100, framesPerSecond: 5, budget: "normal" };
  expect(
    await linesFor([
      desktop(figures),
      desktop({ ...figures, cpuPercent: 12, uplinkKbps: 300, budget: "lowered" }),
      desktop(null),
    ]),
  ).toEqual([
    'deskreel_desktops_by_budget{budget="normal"} 1',
    'deskreel_desktops_by_budget{budget="lowered"} 1',
    'deskreel_desktops_by_budget{budget="exceeded"} 0',
    'deskreel_desktop_cpu_percent{of="mean"} 8',
    'deskreel_desktop_cpu_percent{of="max"} 12',
    'deskreel_desktop_uplink_kbps{of="mean"} 200',
    'deskreel_desktop_uplink_kbps{of="max"} 300',
  ]);
});

test("nobody takes nothing", async () => {
  expect((await linesFor([])).map((line) => line.split(" ")[1])).toEqual(Array(7).fill("0"));
});
