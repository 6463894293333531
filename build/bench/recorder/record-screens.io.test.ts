import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startFfmpegWay } from "./ffmpeg-way.ts";
import { measureForeign } from "./foreign-way.ts";
import { recordScreens } from "./record-screens.ts";
import type { ScreensCost } from "./screens-cost.ts";

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-bench-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function expectCosts({ processes }: ScreensCost): void {
  for (const { pssBytes } of Object.values(processes)) expect(pssBytes).toBeGreaterThan(1_000_000);
}

test.each([
  ["recorder", false, "vp9"],
  ["recorder, DTLS-SRTP", true, "h264"],
] as const)(
  "%s: two screens are recorded whole, and what they cost is told",
  async (way, isSecure, codec) => {
    const folder = await makeFolder();
    const say = () => {};
    const cost = await recordScreens({ folder, codec, isSecure, screens: 2, seconds: 2, say });
    expect(cost).toMatchObject({ way, screens: 2, codec, picturesLost: 0 });
    // At most five pictures a second, and some are left out.
    expect(cost.picturesSent).toBeGreaterThan(2);
    expect(cost.written?.count).toBeGreaterThan(0);
    expectCosts(cost);
  },
);

test("two screens are sent to an ffmpeg each, and what they cost is told", async () => {
  await using recorder = await startFfmpegWay(await makeFolder(), "h264", 2);
  const cost = await measureForeign(recorder, "h264", 2);
  // ffmpeg looks at a stream for seconds before it writes anything, so losses say nothing here.
  expect(cost).toMatchObject({ way: "mediasoup + ffmpeg -c copy", screens: 2 });
  expect(cost.picturesSent).toBeGreaterThan(2);
  expectCosts(cost);
});
