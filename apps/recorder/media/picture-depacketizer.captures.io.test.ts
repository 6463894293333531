/** What real pictures of all codecs become on the disk, judged by two readers that know nothing of this recorder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BufferSource, EncodedPacketSink, Input, MATROSKA, WEBM } from "mediabunny";
import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { probeSegment } from "../scn/testing/probe.ts";
import { openWriterRig } from "../scn/testing/writer-rig.ts";
import { playCapture, readChromiumCapture } from "./testing/rtp-fixture.ts";

/** What mediabunny calls the container, the codec, and the codec in detail, as a browser would have to be told. */
const NAMES = {
  av1: ["WebM", "av1", "av01.0.01M.08"],
  vp9: ["WebM", "vp9", "vp09.00.21.08.01.02.02.02.00"],
  h264: ["Matroska", "avc", "avc1.42c01f"],
  vp8: ["WebM", "vp8", "vp8"],
};

async function readWithMediabunny(path: string) {
  const input = new Input({ formats: [WEBM, MATROSKA], source: new BufferSource(await readFile(path)) });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error("there is no video track");
  let keys = 0;
  let packets = 0;
  for await (const packet of new EncodedPacketSink(track).packets()) {
    packets += 1;
    // Judged by the bytes, not by what the file says of them.
    if ((await track.determinePacketType(packet)) === "key") keys += 1;
  }
  return {
    names: [(await input.getFormat()).name, await track.getCodec(), await track.getCodecParameterString()],
    size: [await track.getCodedWidth(), await track.getCodedHeight()],
    packets,
    keys,
  };
}

test.each(CODECS)("every picture of %s decodes from the segments that it was written to", async (codec) => {
  const { frames } = playCapture(readChromiumCapture(codec), codec);
  await using rig = await openWriterRig({ codec });
  for (const frame of frames) rig.writer.push(frame);
  await rig.writer.seal();

  expect(rig.faults).toEqual([]);
  expect(rig.segments.map(({ width, height }) => [width, height])).toEqual([
    [640, 360],
    [480, 300],
  ]);
  expect(rig.segments.reduce((sum, segment) => sum + segment.frames, 0)).toBe(frames.length);
  const names: unknown[] = [];
  let keys = 0;
  for (const { id, frames: count, width, height, durationMs } of rig.segments) {
    const path = join(rig.folder, `${id}.scn`);
    expect(await probeSegment(path)).toEqual({ frames: count, width, height, durationMs, errors: "" });
    const read = await readWithMediabunny(path);
    expect(read).toMatchObject({ size: [width, height], packets: count });
    names.push(read.names);
    keys += read.keys;
  }
  expect(names[0]).toEqual(NAMES[codec]);
  expect(keys).toBe(frames.filter(({ key }) => key).length);
});
