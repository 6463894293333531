import { join } from "node:path";
import { expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { probeSegment } from "../scn/testing/probe.ts";
import { openWriterRig } from "../scn/testing/writer-rig.ts";
import { startMediaServer } from "./media-server.ts";
import { startChromiumSender } from "./testing/chromium-sender.ts";

const ANY_PORT = { listenIp: "127.0.0.1", announcedAddress: null, port: 0, workers: 1 };
const SCENE = { width: 640, height: 360, bars: 40, framesPerSecond: 10, codec: "vp9" as const };

test.each([-7_000, 2_500])(
  "when the clock is set by %i ms, a real Chromium's next key frame begins a file on the new time",
  async (stepMs) => {
    let setForwardBy = 0;
    const system = () => Date.now() + setForwardBy;
    const clock = new WallClock({ system, monotonic: () => performance.now() });
    await using server = await startMediaServer(ANY_PORT, silentLog(), clock);
    await using sender = await startChromiumSender(server, SCENE);
    const { track } = sender;
    // What the capture coordinator does.
    clock.onStep(() => track.requestKeyFrame());
    await using rig = await openWriterRig({
      wallTimeOf: (rtpTicks) => clock.wallAt(track.steadyTimeOf(rtpTicks)),
      clockSource: () => track.clockSource,
      requestKeyFrame: () => track.requestKeyFrame(),
    });
    let taken = 0;
    track.addSink(rig.writer);
    track.addSink({ push: () => void (taken += 1) });
    await expect.poll(() => taken).toBeGreaterThan(20);
    setForwardBy = stepMs;
    await expect.poll(() => rig.segments.length).toBe(1);
    const untilNow = taken;
    await expect.poll(() => taken).toBeGreaterThan(untilNow + 10);
    track.removeSink(rig.writer);
    const offered = taken;
    await rig.writer.seal();

    expect(rig.faults).toEqual([]);
    const [before, after] = rig.segments;
    if (before === undefined || after === undefined) throw new Error("the file was not cut");
    expect(rig.segments).toHaveLength(2);
    expect(before.frames + after.frames).toBe(offered);
    // The files follow each other without a picture between them, and the clock's step is there in full.
    const steppedMs = after.startedAt - (before.startedAt + before.durationMs);
    expect(Math.abs(steppedMs - stepMs)).toBeLessThan(40);
    for (const { id, frames } of rig.segments)
      expect(await probeSegment(join(rig.folder, `${id}.scn`))).toMatchObject({ frames, errors: "" });
  },
);
