import { createHash } from "node:crypto";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type InlineConfig, type Rolldown } from "vite";
import { VIEWED } from "../apps/adapter/replay/export/render-viewer.ts";
import { PAGE_JSX } from "./page-jsx.ts";

const PAGE = join(import.meta.dirname, "../apps/adapter/replay/page");
const OUTPUT = join(import.meta.dirname, "../dist/replay");

const OPTIONS: InlineConfig = {
  root: PAGE,
  // What is built depends on what is here alone, and nothing is cleared or served.
  configFile: false,
  envDir: false,
  publicDir: false,
  logLevel: "warn",
  oxc: PAGE_JSX,
  // The environment may say otherwise (tests do); a page is always built for use.
  mode: "production",
  define: { "process.env.NODE_ENV": '"production"' },
};
const BUILD: InlineConfig["build"] = {
  target: ["chrome123", "firefox128", "safari17.5"],
  emptyOutDir: false,
  modulePreload: false,
  reportCompressedSize: false,
  assetsInlineLimit: 0,
};

/** Bundles the replay page for today's browsers: index.html, main.js, main.css, icon.svg, and viewer.html for exports. */
export async function bundleReplay(outputFolder = OUTPUT): Promise<void> {
  await mkdir(outputFolder, { recursive: true });
  await build({
    ...OPTIONS,
    build: {
      ...BUILD,
      outDir: outputFolder,
      rolldownOptions: {
        input: join(PAGE, "main.tsx"),
        output: {
          format: "es",
          codeSplitting: false,
          entryFileNames: "main.js",
          assetFileNames: "main[extname]",
        },
      },
    },
  });
  await writeFile(join(outputFolder, "viewer.html"), await bundleViewer());
  for (const name of ["index.html", "icon.svg"]) await copyFile(join(PAGE, name), join(outputFolder, name));
}

/** A page that is one file, with a place for what it shows; it can run nothing else, and ask no network for anything. */
async function bundleViewer(): Promise<string> {
  const built = (await build({
    ...OPTIONS,
    build: {
      ...BUILD,
      write: false,
      // Else the script would bring its style along, and no hash would cover that.
      cssCodeSplit: false,
      rolldownOptions: { input: join(PAGE, "viewer.ts"), output: { format: "iife" } },
    },
  })) as Rolldown.RolldownOutput;
  const [script, style] = [scriptOf(built), styleOf(built)];
  const hashOf = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "media-src 'self' file:",
    "img-src 'self' file:",
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

function scriptOf({ output }: Rolldown.RolldownOutput): string {
  const [chunk, ...more] = output.filter(({ type }) => type === "chunk");
  if (chunk?.type !== "chunk" || more.length > 0) throw new Error("the viewer is not one script");
  // It stands inside a script element.
  if (/<\/script|<!--/i.test(chunk.code)) throw new Error("the viewer's script would end its element");
  return chunk.code.trim();
}

function styleOf({ output }: Rolldown.RolldownOutput): string {
  const sheets = output.flatMap((file) =>
    file.type === "asset" && file.fileName.endsWith(".css") ? [file.source] : [],
  );
  const [sheet, ...more] = sheets;
  if (sheet === undefined || more.length > 0) throw new Error("the viewer has not one style sheet");
  return (typeof sheet === "string" ? sheet : Buffer.from(sheet).toString()).trim();
}
