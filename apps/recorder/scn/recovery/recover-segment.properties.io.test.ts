import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { BufferSource, EncodedPacketSink, Input, MATROSKA, WEBM } from "mediabunny";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { SEED } from "../../../../build/test/fixed-seed.ts";
import { runsOf } from "../../../../build/test/property-runs.ts";
import { playCapture, readChromiumCapture } from "../../media/testing/rtp-fixture.ts";
import { applyDamages, damages } from "../testing/damage.ts";
import { MADE_AT, type MadeSegment, makeSegment } from "../testing/made-segment.ts";
import { probeSegment } from "../testing/probe.ts";
import { recoverSegment } from "./recover-segment.ts";

const RUNS = runsOf(60);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-scn-fuzz-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The frames as an independent reader finds them. */
async function readBlocks(file: Buffer): Promise<{ data: string; key: boolean; atMs: number }[]> {
  const input = new Input({ formats: [WEBM, MATROSKA], source: new BufferSource(file) });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error("there is no video track");
  const blocks = [];
  for await (const { data, type, timestamp } of new EncodedPacketSink(track).packets()) {
    const atMs = Math.round(timestamp * 1_000);
    blocks.push({ data: Buffer.from(data).toString("latin1"), key: type === "key", atMs });
  }
  return blocks;
}

/** What is whole in a damaged file from the first whole key frame on, by comparing bytes: no scanner is needed for it. */
function wholeBlocks(
  { clusters }: MadeSegment,
  file: Buffer,
): { data: string; key: boolean; atMs: number }[] {
  const whole = clusters.filter(({ bytes }) => file.includes(bytes));
  const first = whole.findIndex(({ blocks }) => blocks[0]?.key);
  if (first === -1) return [];
  const startMs = whole[first]?.blocks[0]?.atMs ?? 0;
  return whole.slice(first).flatMap(({ blocks }) =>
    blocks.map(({ data, key, atMs }) => ({
      data: Buffer.from(data).toString("latin1"),
      key,
      atMs: atMs - startMs,
    })),
  );
}

for (const codec of CODECS) {
  const { frames } = playCapture(readChromiumCapture(codec), codec);
  const width = frames[0]?.width;
  const change = frames.findIndex((frame) => frame.width !== undefined && frame.width !== width);
  const ofOneSize = frames.slice(0, change);
  for (const state of ["open", "sealed"] as const)
    fuzz(`${codec}, ${state}`, makeSegment(ofOneSize, state, { codec }));
}

function fuzz(title: string, made: MadeSegment): void {
  test(`whatever happened to a file (${title}), what is whole in it is in the segment, which opens, and is one for good`, async () => {
    let run = 0;
    let recovered = 0;
    let probed = 0;
    const { width, height, codec } = made.identity;
    const origin = { recordingId: "01JREC", trackId: "1", segmentId: "000001", codec, width, height };
    await fc.assert(
      fc.asyncProperty(damages, async (all) => {
        run += 1;
        const file = applyDamages(made.bytes, all);
        const own = join(folder, `${title.replaceAll(/\W/g, "")}-${run}`);
        const path = `${own}.scn`;
        await writeFile(`${path}.part`, file);
        await utimes(`${path}.part`, MADE_AT / 1_000 + 5, MADE_AT / 1_000 + 5);
        const expected = wholeBlocks(made, file);
        const segment = await recoverSegment(path, `${path}.part`, origin);
        const left = (await readdir(folder)).filter((name) =>
          name.startsWith(`${own.slice(folder.length + 1)}.`),
        );
        if (typeof segment === "string") {
          expect(expected).toEqual([]);
          if (segment === "damaged") expect((await readFile(`${path}.damaged`)).equals(file)).toBe(true);
        } else {
          recovered += 1;
          const bytes = await readFile(path);
          expect(await readBlocks(bytes)).toEqual(expected);
          expect(segment.frames).toBe(expected.length);
          if (segment.how === "rewrite") expect((await readFile(`${path}.damaged`)).equals(file)).toBe(true);
          expect(left).not.toContain(`${own.slice(folder.length + 1)}.scn.part`);
          // ffmpeg takes longer than all the rest.
          if (recovered % 6 === 0) {
            probed += 1;
            const probe = await probeSegment(path);
            expect(probe).toMatchObject({ width, height });
            // Within a hole a decoder may refuse what it lacks the pictures before of.
            if (segment.holes.length === 0) expect(probe.frames).toBe(segment.frames);
            else expect(probe.frames).toBeGreaterThan(0);
          }
          const again = await recoverSegment(path, path, origin);
          expect(again).toMatchObject({ how: "none", sha256: segment.sha256, startedAt: segment.startedAt });
        }
        await Promise.all(left.map((name) => rm(join(folder, name), { force: true })));
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // Damage that leaves nothing, or nothing but ffmpeg's silence, proves nothing.
    expect(recovered).toBeGreaterThan(RUNS / 2);
    expect(probed).toBeGreaterThanOrEqual(RUNS / 12);
  });
}
