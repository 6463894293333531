import { expect, test } from "vitest";
import { thumbnailArgs } from "./thumbnail-args.ts";
import { planThumbnails } from "./thumbnail-plan.ts";

const SCREEN = { file: "screen-1.mp4", width: 1_920, height: 1_080, durationMs: 25_000 };
const POSTER = { picture: 12, output: "/a/poster.jpg" };

function graphOf(pictures: number, poster: typeof POSTER | null): string[] {
  const planned = planThumbnails({ ...SCREEN, pictures }, 1);
  const args = thumbnailArgs({ input: "/a/screen-1.mp4", pictures }, planned, "/a/t-%d.jpg", poster);
  return args[args.indexOf("-filter_complex") + 1]?.split(";") ?? [];
}

test("sheets and poster are made in one go, from pictures that are decoded once", () => {
  const planned = planThumbnails({ ...SCREEN, pictures: 125 }, 1);
  const source = { input: "/a/screen-1.mp4", pictures: 125 };
  expect(thumbnailArgs(source, planned, "/a/thumbnails-1-%d.jpg", POSTER)).toMatchInlineSnapshot(`
    [
      "-hide_banner",
      "-nostdin",
      "-v",
      "error",
      "-nostats",
      "-y",
      "-copyts",
      "-threads",
      "1",
      "-reinit_filter",
      "0",
      "-i",
      "/a/screen-1.mp4",
      "-filter_complex",
      "[0:v:0]split=2[small][large];[small]tpad=stop_duration=1:stop_mode=clone,fps=fps=1000/1000:round=up:start_time=0,tpad=stop=-1:stop_mode=clone,scale=256:144:force_original_aspect_ratio=decrease:flags=area:out_color_matrix=bt601:out_range=pc,pad=256:144:-1:-1:eval=frame,trim=end_frame=25,tile=10x3[sheets];[large]tpad=stop_duration=1:stop_mode=clone,fps=fps=1000/1000:round=up:start_time=0,tpad=stop=-1:stop_mode=clone,trim=start_frame=12:end_frame=13,scale='min(640,iw)':'min(640,ih)':force_original_aspect_ratio=decrease:flags=area:out_color_matrix=bt601:out_range=pc[poster]",
      "-map",
      "[sheets]",
      "-c:v",
      "mjpeg",
      "-pix_fmt",
      "yuvj420p",
      "-q:v",
      "5",
      "-f",
      "image2",
      "/a/thumbnails-1-%d.jpg",
      "-map",
      "[poster]",
      "-c:v",
      "mjpeg",
      "-pix_fmt",
      "yuvj420p",
      "-q:v",
      "5",
      "-frames:v",
      "1",
      "-update",
      "1",
      "-f",
      "image2",
      "/a/poster.jpg",
    ]
  `);
});

test("of a screen with fewer pictures than thumbnails each picture is scaled once", () => {
  const [dense] = graphOf(125, null);
  const [sparse] = graphOf(10, null);
  expect(dense?.indexOf("fps=")).toBeLessThan(dense?.indexOf("scale=") ?? 0);
  expect(sparse?.indexOf("scale=")).toBeLessThan(sparse?.indexOf("fps=") ?? 0);
  expect(graphOf(125, null)).toHaveLength(1);
});
