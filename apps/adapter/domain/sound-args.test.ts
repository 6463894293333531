import { expect, test } from "vitest";
import { audioArgs, chooseMix, opusArgs, pieceArgs, readSoundKinds } from "./sound-args.ts";
import type { PlannedAudio } from "./stitch-plan.ts";

const PARTS: PlannedAudio[] = [
  { offsetMs: 400, durationMs: 3_700 },
  { offsetMs: 4_600, durationMs: 2_000 },
].map((times, index) => ({
  ...times,
  stretches: [{ fromMs: 0, durationMs: times.durationMs, afterMs: 0 }],
  sourceId: `part-${index}`,
  path: `sources/audio/${index}.mp3`,
  sha256: "0".repeat(64),
  placement: "metadata",
  uncertaintyMs: 1,
}));

const INPUTS = ["/d/0.mp3", "/d/1.mp3"];
const WHOLE = { from: 0, to: 7_900 * 16 };
const PIECE = { ...WHOLE, skip: 0, keep: 125, heard: WHOLE };
const MONO = { rate: 16_000, isStereo: false };
const MIX = { parts: PARTS, inputs: INPUTS, kinds: [MONO, MONO], perMs: 16, channels: 1 } as const;

const filterOf = (args: string[]) => args[args.indexOf("-filter_complex") + 1]?.split(";");

test("two parts are delayed to the sample, mixed, limited without delay, and padded to the interaction's length", () => {
  expect(pieceArgs(MIX, PIECE, "/s/piece.aac")).toMatchInlineSnapshot(`
    [
      "-hide_banner",
      "-nostdin",
      "-v",
      "error",
      "-nostats",
      "-y",
      "-i",
      "/d/0.mp3",
      "-i",
      "/d/1.mp3",
      "-filter_complex",
      "[0:a:0]aresample=16000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,asetnsamples=n=16384:p=0,atrim=start_sample=0:end_sample=120000,asetpts=PTS-STARTPTS,adelay=delays=6400S:all=1[a0];[1:a:0]aresample=16000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,asetnsamples=n=16384:p=0,atrim=start_sample=0:end_sample=52800,asetpts=PTS-STARTPTS,adelay=delays=73600S:all=1[a1];[a0][a1]amix=inputs=2:normalize=0:duration=longest:dropout_transition=0,apad=whole_len=126400,atrim=end_sample=126400[mix];[mix]asplit=2[sound][samples]",
      "-map",
      "[sound]",
      "-c:a",
      "aac",
      "-aac_coder",
      "fast",
      "-aac_tns",
      "0",
      "-aac_pns",
      "0",
      "-q:a",
      "0.8",
      "-flags:a",
      "+bitexact",
      "-f",
      "adts",
      "/s/piece.aac",
      "-map",
      "[samples]",
      "-f",
      "s16le",
      "pipe:1",
    ]
  `);
});

test("one part needs no mixing", () => {
  expect(
    filterOf(pieceArgs({ ...MIX, parts: PARTS.slice(0, 1) }, PIECE, "/s/piece.aac")),
  ).toMatchInlineSnapshot(`
    [
      "[0:a:0]aresample=16000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,asetnsamples=n=16384:p=0,atrim=start_sample=0:end_sample=120000,asetpts=PTS-STARTPTS,adelay=delays=6400S:all=1[a0]",
      "[a0]apad=whole_len=126400,atrim=end_sample=126400[mix]",
      "[mix]asplit=2[sound][samples]",
    ]
  `);
});

test("a piece has what is heard in it only, cut and moved to its own beginning", () => {
  const late = { ...PIECE, from: 60_000, to: 70_000 };
  const args = pieceArgs(MIX, late, "/s/piece.aac");
  expect(args.filter((arg) => arg === "-i")).toHaveLength(1);
  expect(filterOf(args)).toMatchInlineSnapshot(`
    [
      "[0:a:0]aresample=16000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,asetnsamples=n=16384:p=0,atrim=start_sample=53600:end_sample=63600,asetpts=PTS-STARTPTS,adelay=delays=0S:all=1[a0]",
      "[a0]apad=whole_len=10000,atrim=end_sample=10000[mix]",
      "[mix]asplit=2[sound][samples]",
    ]
  `);
  const second = pieceArgs(MIX, { ...PIECE, from: 80_000, to: 126_400 }, "/s/piece.aac");
  expect(second).toContain("/d/1.mp3");
  expect(filterOf(second)).toMatchInlineSnapshot(`
    [
      "[0:a:0]aresample=16000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,asetnsamples=n=16384:p=0,atrim=start_sample=6400:end_sample=52800,asetpts=PTS-STARTPTS,adelay=delays=0S:all=1[a0]",
      "[a0]apad=whole_len=46400,atrim=end_sample=46400[mix]",
      "[mix]asplit=2[sound][samples]",
    ]
  `);
});

test("a piece in which nothing is heard is silent", () => {
  expect(filterOf(pieceArgs(MIX, { ...PIECE, from: 0, to: 6_400 }, "/s/piece.aac"))).toEqual([
    "anullsrc=sample_rate=16000:channel_layout=mono,atrim=end_sample=6400[mix]",
    "[mix]asplit=2[sound][samples]",
  ]);
});

test("a pause that its file leaves out becomes silence: each stretch is cut out to the sample and placed by itself", () => {
  const stretches = [
    { fromMs: 0, durationMs: 1_500, afterMs: 0 },
    { fromMs: 1_500, durationMs: 2_200, afterMs: 11_500 },
  ];
  const [first] = PARTS;
  const paused = { ...MIX, parts: first ? [{ ...first, stretches }] : [] };
  const args = pieceArgs(paused, { ...PIECE, to: 20_000 * 16 }, "/s/piece.aac");
  expect(args.filter((arg) => arg === "/d/0.mp3")).toHaveLength(2);
  expect(filterOf(args)?.slice(0, 2)).toMatchInlineSnapshot(`
    [
      "[0:a:0]aresample=16000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,asetnsamples=n=16384:p=0,atrim=start_sample=0:end_sample=24000,asetpts=PTS-STARTPTS,adelay=delays=6400S:all=1[a0]",
      "[1:a:0]aresample=16000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,asetnsamples=n=16384:p=0,atrim=start_sample=24000:end_sample=153600,asetpts=PTS-STARTPTS,adelay=delays=190400S:all=1[a1]",
    ]
  `);
});

test("a sound that another part has already is not heard twice", () => {
  const [first] = PARTS;
  const twin = first ? [first, { ...first, stretches: [] }] : [];
  expect(pieceArgs({ ...MIX, parts: twin }, PIECE, "/s/p").filter((arg) => arg === "-i")).toHaveLength(1);
});

test("Opus is made of the whole", () => {
  expect(opusArgs({ ...MIX, ...WHOLE }, "/s/sound.ogg").slice(-10)).toMatchInlineSnapshot(`
    [
      "libopus",
      "-b:a",
      "48k",
      "-compression_level",
      "0",
      "-frame_duration",
      "20",
      "-f",
      "ogg",
      "/s/sound.ogg",
    ]
  `);
});

test("the file that plays alone gets the packets as they are", () => {
  expect(audioArgs("/s/sound.aac", 7_900, 16, "/a/audio.m4a")).toMatchInlineSnapshot(`
    [
      "-hide_banner",
      "-nostdin",
      "-v",
      "error",
      "-nostats",
      "-y",
      "-f",
      "aac",
      "-i",
      "/s/sound.aac",
      "-map",
      "0:a:0",
      "-c:a",
      "copy",
      "-bsf:a",
      "noise=drop='lt(n,0)+gt(n,124)',setts=time_base=1/16000:ts='N*1024-1024':duration='if(eq(NEXT_PTS,NOPTS),max(1,448),1024)'",
      "-movflags",
      "+faststart",
      "-f",
      "mp4",
      "/a/audio.m4a",
    ]
  `);
});

test("telephone sound is mixed at its own rate, better sound at one that holds all of speech", () => {
  const rates = [[8_000, 16_000], [16_000, 48_000], [44_100]];
  const kinds = (list: number[]) => list.map((rate) => ({ rate, isStereo: false }));
  expect(rates.map((list) => chooseMix(kinds(list)).perMs)).toEqual([16, 24, 24]);
});

test("one part with two sides makes a sound with two sides, in which the others are on both, as loud as they are", () => {
  const kinds = [MONO, { ...MONO, isStereo: true }];
  expect(chooseMix(kinds)).toEqual({ perMs: 16, channels: 2 });
  expect(chooseMix([MONO, MONO])).toEqual({ perMs: 16, channels: 1 });
  const args = pieceArgs({ ...MIX, kinds, channels: 2 }, PIECE, "/s/piece.aac");
  const [mono, stereo] = filterOf(args) ?? [];
  expect(mono).toContain("aformat=sample_fmts=fltp:channel_layouts=mono,pan=stereo|c0=c0|c1=c0,");
  expect(stereo).toContain("aformat=sample_fmts=fltp:channel_layouts=stereo,asetnsamples");
  expect(args.join(" ")).toContain("-aac_is 0");
  const silent = filterOf(pieceArgs({ ...MIX, kinds, channels: 2 }, { ...PIECE, to: 6_400 }, "/s/p"));
  expect(silent?.[0]).toBe("anullsrc=sample_rate=16000:channel_layout=stereo,atrim=end_sample=6400[mix]");
  expect(opusArgs({ ...MIX, ...WHOLE, kinds, channels: 2 }, "/s/o").join(" ")).toContain("-b:a 64k");
});

test("what ffmpeg lists of the parts says their rates and which have two sides; one of four has none", () => {
  const listed = [
    ["16000", "mono"],
    ["44100", "stereo"],
    ["48000", "2 channels"],
    ["16000", "4.0"],
  ]
    .map(
      ([rate, layout], index) => `#sample_rate ${index}: ${rate}\n#channel_layout_name ${index}: ${layout}\n`,
    )
    .join("");
  expect(readSoundKinds(`#media_type 0: audio\n${listed}0, 0, 0, 1024, 4096, 0xfb2d2281\n`)).toEqual([
    { rate: 16_000, isStereo: false },
    { rate: 44_100, isStereo: true },
    { rate: 48_000, isStereo: true },
    { rate: 16_000, isStereo: false },
  ]);
});
