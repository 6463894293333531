import { join } from "node:path";
import { expect, test } from "vitest";
import { run } from "#shared/runtime/subprocess.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { measureAudio } from "./measure-audio.ts";

test.each(["webm", "ogg", "mp4"] as const)(
  "a pause that is in the times of a file, not in its samples, counts: %s",
  async (format) => {
    await using scratch = await scratchFolder();
    const path = join(scratch.path, `sound.${format}`);
    const paused = "aselect='lt(t,1)+gt(t,3)'";
    const codec = format === "mp4" ? "aac" : "libopus";
    await run("ffmpeg", [
      ...["-v", "error", "-f", "lavfi", "-i", "sine=d=5", "-af", paused, "-c:a", codec, path],
    ]);
    const measured = await measureAudio(path, new AbortController().signal);
    expect({ ...measured, durationMs: Math.round(measured.durationMs / 100) }).toEqual({
      format,
      durationMs: 50,
    });
  },
);
