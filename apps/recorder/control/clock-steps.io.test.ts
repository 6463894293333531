import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { openCallBuffer } from "../call-buffer/call-buffer.ts";
import { createMetrics } from "../http/metrics.ts";
import { noteClockSteps } from "./clock-steps.ts";

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-clock-steps-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A clock that can be set. */
function openClock() {
  let setForwardBy = 0;
  const clock = new WallClock({ system: () => 1_000_000 + setForwardBy, monotonic: () => 0 });
  const step = async (stepMs: number) => {
    setForwardBy += stepMs;
    clock.now();
    await Promise.resolve();
  };
  return { clock, step };
}

test("steps of the recorder's clock are counted and stored, and known after a restart", async () => {
  const folder = await makeFolder();
  const { clock, step } = openClock();
  {
    using buffer = await openCallBuffer(folder);
    const metrics = createMetrics(buffer);
    {
      using _steps = noteClockSteps({ clock, buffer, metrics, log: silentLog() });
      await step(-7_000);
      await step(2_500);
    }
    await step(60_000);
    expect(await metrics.registry.metrics()).toContain("deskreel_clock_steps_total 2");
  }
  using buffer = await openCallBuffer(folder);
  expect(buffer.clockSteps.newest(10)).toEqual([
    { at: 993_000, stepMs: -7_000 },
    { at: 995_500, stepMs: 2_500 },
  ]);
});

test("a clock that is set without end does not fill the catalogue", async () => {
  using buffer = await openCallBuffer(await makeFolder());
  buffer.inTransaction(() => {
    for (let at = 1; at <= 10_003; at++) buffer.clockSteps.add({ at, stepMs: 30 });
  });
  const steps = buffer.clockSteps.newest(20_000);
  expect([steps.length, steps[0]?.at, steps.at(-1)?.at]).toEqual([10_000, 4, 10_003]);
});

test("a catalogue that takes no notes does not end the recorder", async () => {
  const { clock, step } = openClock();
  const buffer = await openCallBuffer(await makeFolder());
  const metrics = createMetrics(buffer);
  using _steps = noteClockSteps({ clock, buffer, metrics, log: silentLog() });
  buffer[Symbol.dispose]();
  await step(-7_000);
  expect(await metrics.registry.getSingleMetricAsString("deskreel_clock_steps_total")).toContain("total 1");
});
