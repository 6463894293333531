import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { audioArgs, concatList, mixArgs, screenArgs } from "./ffmpeg-args.ts";
import type { PlannedAudio, PlannedScreen } from "./stitch-plan.ts";

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

const SCREEN: PlannedScreen = {
  file: "screen-1.mp4",
  codec: "vp9",
  durationMs: 84_500,
  pieces: [
    { recordingId: "R", trackId: "1", segmentId: "000001", holdMs: 74_500 },
    { recordingId: "R", trackId: "1", segmentId: "000002", holdMs: 10_000 },
  ],
  entry: {
    ...{ recordingId: "R", leg: 1, agent: "ann@contoso.com", desktop: "PC", display: "1" },
    ...{ width: 1920, height: 1080, offsetMs: 3_950, coverage: [] },
  },
};

test("two parts are delayed to the sample, mixed, limited without delay, and padded to the interaction's length", () => {
  expect(mixArgs(PARTS, ["/d/0.mp3", "/d/1.mp3"], 7_900, "/s/mix.wav")).toMatchInlineSnapshot(`
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
      "[0:a:0]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,adelay=delays=19200S:all=1[a0];[1:a:0]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,adelay=delays=220800S:all=1[a1];[a0][a1]amix=inputs=2:normalize=0:duration=longest:dropout_transition=0,alimiter=limit=0.95:level=0:latency=1,apad=whole_len=379200,atrim=end_sample=379200[mix]",
      "-map",
      "[mix]",
      "-c:a",
      "pcm_s16le",
      "-rf64",
      "auto",
      "-f",
      "wav",
      "/s/mix.wav",
    ]
  `);
});

test("one part needs no mixing", () => {
  expect(mixArgs(PARTS.slice(0, 1), ["/d/0.mp3"], 7_900, "/s/mix.wav")[9]).toMatchInlineSnapshot(
    `"[0:a:0]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,adelay=delays=19200S:all=1[a0];[a0]alimiter=limit=0.95:level=0:latency=1,apad=whole_len=379200,atrim=end_sample=379200[mix]"`,
  );
});

test("a pause that its file leaves out becomes silence: each stretch is cut out to the sample and placed by itself", () => {
  const stretches = [
    { fromMs: 0, durationMs: 1_500, afterMs: 0 },
    { fromMs: 1_500, durationMs: 2_200, afterMs: 11_500 },
  ];
  const [first] = PARTS;
  const args = mixArgs(first ? [{ ...first, stretches }] : [], ["/d/0.mp3"], 20_000, "/s/mix.wav");
  expect(args.filter((arg) => arg === "/d/0.mp3")).toHaveLength(2);
  expect(args[args.indexOf("-filter_complex") + 1]?.split(";").slice(0, 2)).toMatchInlineSnapshot(`
    [
      "[0:a:0]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,atrim=start_sample=0:end_sample=72000,asetpts=PTS-STARTPTS,adelay=delays=19200S:all=1[a0]",
      "[1:a:0]aresample=48000:async=1:first_pts=0,aformat=sample_fmts=fltp:channel_layouts=mono,atrim=start_sample=72000,asetpts=PTS-STARTPTS,adelay=delays=571200S:all=1[a1]",
    ]
  `);
});

test("the sound of the whole interaction is encoded from the mix", () => {
  expect(audioArgs("/s/mix.wav", "/a/audio.m4a")).toMatchInlineSnapshot(`
    [
      "-hide_banner",
      "-nostdin",
      "-v",
      "error",
      "-nostats",
      "-y",
      "-progress",
      "pipe:1",
      "-i",
      "/s/mix.wav",
      "-map",
      "0:a:0",
      "-c:a",
      "aac",
      "-b:a",
      "48k",
      "-movflags",
      "+faststart",
      "-f",
      "mp4",
      "/a/audio.m4a",
    ]
  `);
});

test("a screen is copied, with its slice of the mix, both from 0 on", () => {
  expect(screenArgs(SCREEN, "/s/list.txt", "/s/mix.wav", "/a/screen-1.mp4")).toMatchInlineSnapshot(`
    [
      "-hide_banner",
      "-nostdin",
      "-v",
      "error",
      "-nostats",
      "-y",
      "-xerror",
      "-progress",
      "pipe:1",
      "-f",
      "concat",
      "-safe",
      "0",
      "-i",
      "/s/list.txt",
      "-ss",
      "3.950",
      "-t",
      "84.500",
      "-i",
      "/s/mix.wav",
      "-map",
      "0:v:0",
      "-c:v",
      "copy",
      "-video_track_timescale",
      "16000",
      "-bsf:v",
      "setts=ts='max(TS-0,PREV_OUTDTS+1)':duration='if(eq(NEXT_PTS,NOPTS),max(1,1352000-PTS),max(1,NEXT_PTS-PTS))'",
      "-map",
      "1:a:0",
      "-c:a",
      "aac",
      "-b:a",
      "48k",
      "-movflags",
      "+faststart",
      "-f",
      "mp4",
      "/a/screen-1.mp4",
    ]
  `);
});

test("a screen in VP8 becomes a WebM with Opus, its pictures moved back by what Opus makes ffmpeg delay", () => {
  const args = screenArgs({ ...SCREEN, codec: "vp8" }, "/s/list.txt", "/s/mix.wav", "/a/screen-1.webm");
  expect(args.slice(args.indexOf("-map"))).toMatchInlineSnapshot(`
    [
      "-map",
      "0:v:0",
      "-c:v",
      "copy",
      "-bsf:v",
      "setts=ts='max(TS-7,PREV_OUTDTS+1)':duration='if(eq(NEXT_PTS,NOPTS),max(1,84500-PTS),max(1,NEXT_PTS-PTS))'",
      "-map",
      "1:a:0",
      "-c:a",
      "libopus",
      "-b:a",
      "48k",
      "-cues_to_front",
      "1",
      "-f",
      "webm",
      "/a/screen-1.webm",
    ]
  `);
});

test("a screen of an interaction without sound has none", () => {
  for (const codec of CODECS) {
    const args = screenArgs({ ...SCREEN, codec }, "/s/list.txt", null, "/a/screen-1").join(" ");
    expect(args).not.toMatch(/aac|opus|-ss|1:a|TS-7/);
  }
});

test("the list places every segment by an explicit duration and quotes what a path may hold", () => {
  expect(concatList(SCREEN, ["/d/it's/000001.scn", "/d/it's/000002.scn"])).toMatchInlineSnapshot(`
    "ffconcat version 1.0
    file '/d/it'\\''s/000001.scn'
    duration 74.500
    file '/d/it'\\''s/000002.scn'
    duration 10.000
    "
  `);
});
