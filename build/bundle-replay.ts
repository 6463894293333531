import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const PAGE = join(import.meta.dirname, "../apps/adapter/replay/page");
const OUTPUT = join(import.meta.dirname, "../dist/replay");

/** Bundles the replay page for today's browsers: index.html, main.js, main.css, icon.svg. */
export async function bundleReplay(outputFolder = OUTPUT): Promise<void> {
  await mkdir(outputFolder, { recursive: true });
  await build({
    entryPoints: [join(PAGE, "main.ts"), join(PAGE, "main.css")],
    outdir: outputFolder,
    bundle: true,
    format: "esm",
    target: ["chrome123", "firefox128", "safari17.5"],
    minify: true,
    logLevel: "warning",
  });
  for (const name of ["index.html", "icon.svg"]) await copyFile(join(PAGE, name), join(outputFolder, name));
}
