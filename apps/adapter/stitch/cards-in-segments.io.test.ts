import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Codec, CODECS } from "#shared/api/recording.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { probeMedia } from "../../../e2e/media/probe.ts";
import { BEEPS_OUT, findBeeps } from "../../../e2e/media/read-beeps.ts";
import { FRAMES_PER_SECOND } from "../rig/made-media.ts";
import { lightnessOut, parseLightness } from "../rig/read-lightness.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { type Scene, stitchScene } from "../rig/stitch-scene.ts";

const PICTURE_MS = 1_000 / FRAMES_PER_SECOND;
/** Of a picture's and a beep's place in the file: rounding to milliseconds, and the beep's rise. */
const TOLERANCE_MS = 2;
const LOSS = { state: "gap", reason: "loss" } as const;

/** A picture of a file, `card` if it has words, else `light` or `dark`. */
interface ShownPicture {
  atMs: number;
  what: "card" | "light" | "dark";
}

/**
 * What is shown when, and heard when; by one ffmpeg, whose start takes longer than all that it does here.
 *
 * @throws SubprocessError when a picture or a sample does not decode.
 */
async function readStitched(
  path: string,
  folder: string,
  hasSound: boolean,
): Promise<{ pictures: ShownPicture[]; beeps: number[] }> {
  const [seen, heard] = [join(folder, "seen.gray"), join(folder, "heard.pcm")];
  const text = await run("ffmpeg", [
    ...["-v", "error", "-xerror", "-copyts", "-i", path, ...lightnessOut(), "-"],
    ...["-map", "0:v:0", "-fps_mode", "passthrough"],
    ...["-vf", "scale=160:96:flags=neighbor,format=gray", "-f", "rawvideo", seen],
    ...(hasSound ? [...BEEPS_OUT, heard] : []),
  ]);
  const gray = await readFile(seen);
  const times = parseLightness(path, text.toString());
  expect(gray).toHaveLength(times.length * 160 * 96);
  const pictures = times.map(({ ptsMs, lightness }, index): ShownPicture => {
    const picture = gray.subarray(index * 160 * 96, (index + 1) * 160 * 96);
    const most = picture.reduce((highest, value) => Math.max(highest, value), 0);
    return { atMs: ptsMs, what: lightness > 127 ? "light" : most > 120 ? "card" : "dark" };
  });
  return { pictures, beeps: hasSound ? findBeeps(await readFile(heard)) : [] };
}

/** The scene's pictures, and whether the file is what its plan says. */
async function judge(scene: Scene, durationMs: number) {
  await using scratch = await scratchFolder();
  const { path, plan } = await stitchScene(scratch.path, scene);
  const { pictures, beeps } = await readStitched(path, scratch.path, scene.beeps.length > 0);
  expect(Math.abs((await probeMedia(path)).durationMs - durationMs)).toBeLessThan(50);
  return {
    pieces: plan.screens[0]?.pieces.map((piece) => ("card" in piece ? piece.card.title : piece.segmentId)),
    flashes: pictures
      .filter(({ what }, index) => what === "light" && pictures[index - 1]?.what !== "light")
      .map(({ atMs }) => atMs),
    beeps,
    cards: pictures.filter(({ what }) => what === "card").map(({ atMs }) => atMs),
    others: pictures.filter(({ what }) => what !== "card").map(({ atMs }) => atMs),
  };
}

function expectInstants(found: readonly number[], expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  for (const [index, at] of expected.entries())
    expect(Math.abs((found[index] ?? 0) - at)).toBeLessThan(TOLERANCE_MS);
}

/** The times of the pictures that a made segment of that length has, from its place in the file. */
function picturesOf(durationMs: number, lost: readonly [number, number][], at = 0): number[] {
  return Array.from({ length: durationMs / PICTURE_MS }, (_, index) => index * PICTURE_MS)
    .filter((ms) => !lost.some(([from, to]) => ms >= from && ms < to))
    .map((ms) => at + ms);
}

test.each(CODECS)(
  "in %s a card is shown where pictures of a segment were lost, and no other picture moves",
  async (codec) => {
    const lost: [number, number][] = [
      [2_000, 5_200],
      [6_000, 7_400],
    ];
    const { pieces, flashes, beeps, cards, others } = await judge(
      {
        codec,
        segments: [
          { at: 0, durationMs: 9_000, flashes: [1_000, 5_200, 5_600, 8_200], lost },
          { at: 9_000, durationMs: 2_000, flashes: [600] },
        ],
        beeps: [1_000],
        missing: lost.map(([from, to]) => [from, to, LOSS]),
      },
      11_000,
    );
    const card = "Pictures lost on the network";
    expect(pieces).toEqual(["000001", card, "000001", card, "000001", "000002"]);
    expectInstants(cards, [2_000, 6_000]);
    expectInstants(others, [...picturesOf(9_000, lost), ...picturesOf(2_000, [], 9_000)]);
    expectInstants(flashes, [1_000, 5_200, 5_600, 8_200, 9_600]);
    expectInstants(beeps, [1_000]);
  },
);

/** One for each container: in every codec the test above cuts at a loss, and goes on at the key picture after it. */
const ONE_EACH: Codec[] = ["vp9", "vp8"];

test.each(ONE_EACH)(
  "in %s a gap that is noted some ms beside its pictures costs none and moves none",
  async (codec) => {
    const lost: [number, number][] = [
      [2_000, 5_200],
      [6_000, 9_200],
    ];
    const besides = [-18, 18];
    const noted = lost.map(([from, to], index) => {
      const beside = besides[index] ?? 0;
      return [from + beside, to + beside] as const;
    });
    const { cards, others } = await judge(
      {
        codec,
        segments: [{ at: 0, durationMs: 11_000, flashes: [1_000, 5_600], lost }],
        beeps: [],
        missing: noted.map(([from, to]) => [from, to, LOSS]),
      },
      11_000,
    );
    expectInstants(
      cards,
      noted.map(([from]) => from),
    );
    expectInstants(others, picturesOf(11_000, lost));
  },
);

test.each(ONE_EACH)("in %s a loss up to the next segment is a card up to there", async (codec) => {
  const lost: [number, number][] = [[2_000, 4_000]];
  const { pieces, cards, others } = await judge(
    {
      codec,
      segments: [
        { at: 0, durationMs: 4_000, flashes: [1_000], lost },
        { at: 4_000, durationMs: 2_000, flashes: [600] },
      ],
      beeps: [],
      missing: [[2_000, 4_000, LOSS]],
    },
    6_000,
  );
  expect(pieces).toEqual(["000001", "Pictures lost on the network", "000002"]);
  expectInstants(cards, [2_000]);
  expectInstants(others, [...picturesOf(4_000, lost), ...picturesOf(2_000, [], 4_000)]);
});

test.each(ONE_EACH)(
  "in %s there is no card where nothing can be decoded after it, and no picture goes",
  async (codec) => {
    // Coverage says that there is none, but pictures are there, and none of them is a key frame.
    const { cards, others, flashes } = await judge(
      {
        codec,
        segments: [{ at: 0, durationMs: 7_000, flashes: [1_000, 5_600] }],
        beeps: [],
        missing: [[2_000, 5_200, LOSS]],
      },
      7_000,
    );
    expect(cards).toEqual([]);
    expectInstants(others, picturesOf(7_000, []));
    expectInstants(flashes, [1_000, 5_600]);
  },
);

test.each(ONE_EACH)("a file in %s begins with a card when the capture took long to start", async (codec) => {
  const { pieces, cards, others } = await judge(
    {
      codec,
      segments: [{ at: 2_600, durationMs: 2_000, flashes: [1_000] }],
      beeps: [],
      missing: [[0, 2_600, { state: "gap", reason: "late-start" }]],
    },
    4_600,
  );
  expect(pieces).toEqual(["Waiting for the screen", "000001"]);
  expectInstants(cards, [0]);
  expectInstants(others, picturesOf(2_000, [], 2_600));
});
