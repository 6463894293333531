import { createHash } from "node:crypto";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { VIEWED } from "../apps/adapter/replay/export/render-viewer.ts";

const PAGE = join(import.meta.dirname, "../apps/adapter/replay/page");
const OUTPUT = join(import.meta.dirname, "../dist/replay");

const OPTIONS: BuildOptions = {
  bundle: true,
  format: "esm",
  target: ["chrome123", "firefox128", "safari17.5"],
  minify: true,
  logLevel: "warning",
};

/** Bundles the replay page for today's browsers: index.html, main.js, main.css, icon.svg, and viewer.html for exports. */
export async function bundleReplay(outputFolder = OUTPUT): Promise<void> {
  await mkdir(outputFolder, { recursive: true });
  const entryPoints = [join(PAGE, "main.ts"), join(PAGE, "main.css")];
  await build({ ...OPTIONS, entryPoints, outdir: outputFolder });
  await writeFile(join(outputFolder, "viewer.html"), await bundleViewer());
  for (const name of ["index.html", "icon.svg"]) await copyFile(join(PAGE, name), join(outputFolder, name));
}

/** A page that is one file, with a place for what it shows; it can run nothing else, and ask no network for anything. */
async function bundleViewer(): Promise<string> {
  const entryPoints = [join(PAGE, "viewer.ts"), join(PAGE, "viewer.css")];
  const { outputFiles } = await build({ ...OPTIONS, format: "iife", entryPoints, outdir: "/", write: false });
  const textOf = (end: string) => outputFiles?.find(({ path }) => path.endsWith(end))?.text.trim() ?? "";
  const [script, style] = [textOf(".js"), textOf(".css")];
  const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "media-src 'self' file:",
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join("; ")}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Deskreel</title>
<style>${style}</style>
</head>
<body>
<noscript>This page needs JavaScript. The media can be played alone too.</noscript>
<script type="application/json" id="viewed">${VIEWED}</script>
<script>${script}</script>
</body>
</html>
`;
}
