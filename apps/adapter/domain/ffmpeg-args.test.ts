import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { concatList, screenArgs } from "./ffmpeg-args.ts";
import type { PlannedScreen } from "./stitch-plan.ts";

const SOUND = { perMs: 16, aac: "/s/sound.aac", opus: "/s/sound.ogg" } as const;

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

test("a screen is copied, and so is its slice of the sound, both from 0 on", () => {
  expect(screenArgs(SCREEN, "/s/list.txt", SOUND, "/a/screen-1.mp4", "/s/keys.mkv")).toMatchInlineSnapshot(`
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
      "-thread_queue_size",
      "64",
      "-f",
      "concat",
      "-safe",
      "0",
      "-i",
      "/s/list.txt",
      "-thread_queue_size",
      "64",
      "-f",
      "aac",
      "-i",
      "/s/sound.aac",
      "-map",
      "0:v:0",
      "-c:v",
      "copy",
      "-video_track_timescale",
      "16000",
      "-bsf:v",
      "setts=ts='max(TS,PREV_OUTDTS+1)':duration='if(eq(NEXT_PTS,NOPTS),max(1,1352000-PTS),max(1,NEXT_PTS-PTS))'",
      "-map",
      "1:a:0",
      "-c:a",
      "copy",
      "-bsf:a",
      "noise=drop='lt(n,61)+gt(n,1383)',setts=time_base=1/16000:ts='N*1024-1760':duration='if(eq(NEXT_PTS,NOPTS),max(1,32),1024)'",
      "-movflags",
      "+faststart",
      "-f",
      "mp4",
      "/a/screen-1.mp4",
      "-map",
      "0:v:0",
      "-c:v",
      "copy",
      "-bsf:v",
      "noise=drop='not(key)',setts=ts='max(TS,PREV_OUTDTS+1)'",
      "-f",
      "matroska",
      "/s/keys.mkv",
    ]
  `);
});

test("a screen in VP8 becomes a WebM with Opus", () => {
  const args = screenArgs(
    { ...SCREEN, codec: "vp8" },
    "/s/list.txt",
    SOUND,
    "/a/screen-1.webm",
    "/s/keys.mkv",
  );
  expect(args.slice(args.indexOf("-map"))).toMatchInlineSnapshot(`
    [
      "-map",
      "0:v:0",
      "-c:v",
      "copy",
      "-bsf:v",
      "setts=ts='max(TS,PREV_OUTDTS+1)':duration='if(eq(NEXT_PTS,NOPTS),max(1,84500-PTS),max(1,NEXT_PTS-PTS))'",
      "-map",
      "1:a:0",
      "-c:a",
      "copy",
      "-bsf:a",
      "noise=drop='lt(n,198)+gt(n,4423)',setts=time_base=1/1000:ts='N*20+10':duration=20",
      "-cues_to_front",
      "1",
      "-f",
      "webm",
      "/a/screen-1.webm",
      "-map",
      "0:v:0",
      "-c:v",
      "copy",
      "-bsf:v",
      "noise=drop='not(key)',setts=ts='max(TS,PREV_OUTDTS+1)'",
      "-f",
      "matroska",
      "/s/keys.mkv",
    ]
  `);
});

test("a screen in VP8 cannot go without Opus", () => {
  const sound = { ...SOUND, opus: null };
  expect(() => screenArgs({ ...SCREEN, codec: "vp8" }, "/s/list.txt", sound, "/a/x", "/s/k")).toThrow(
    RangeError,
  );
});

test("a screen of an interaction without sound has none", () => {
  for (const codec of CODECS) {
    const args = screenArgs({ ...SCREEN, codec }, "/s/list.txt", null, "/a/screen-1", "/s/k").join(" ");
    expect(args).not.toMatch(/aac|opus|1:a/);
  }
});

test("the list places every piece by an explicit duration, cuts it, and quotes what a path may hold", () => {
  const path = "/d/it's/000001.scn";
  expect(
    concatList([
      { path, holdMs: 4_000, toMs: 7_015 },
      { path: "/c/card.webm", holdMs: 3_015 },
      { path, fromMs: 7_015, holdMs: 74_500 },
    ]),
  ).toMatchInlineSnapshot(`
    "ffconcat version 1.0
    file '/d/it'\\''s/000001.scn'
    outpoint 7.015000
    duration 4.000000
    file '/c/card.webm'
    duration 3.015000
    file '/d/it'\\''s/000001.scn'
    inpoint 7.015000
    duration 74.500000
    "
  `);
});
