import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { recordScreens } from "./record-screens.ts";

test("two screens are recorded whole by a real recorder, and what they cost is told", async () => {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-bench-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const cost = await recordScreens({ folder, codec: "vp9", screens: 2, seconds: 3, say: () => {} });
  expect(cost).toMatchObject({ way: "recorder", screens: 2, picturesLost: 0 });
  // Both scenes have five pictures a second, or a little less.
  expect(cost.picturesSent).toBeGreaterThan(2 * 3 * 3);
  expect(cost.written?.count).toBeGreaterThan(0);
  for (const { processor, pssBytes } of Object.values(cost.processes)) {
    expect(processor).toBeGreaterThan(0);
    expect(pssBytes).toBeGreaterThan(1_000_000);
  }
});
