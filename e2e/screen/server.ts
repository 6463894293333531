import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import express from "express";
import { type HttpListener, listenHttp } from "#shared/http/listen.ts";
import type { EpochMs } from "#shared/time/units.ts";

/** The test screen as a page on loopback; keeps what it reports. */
export interface ScreenServer extends AsyncDisposable {
  readonly url: string;
  /** Resolves when a browser has painted the page. */
  readonly painted: Promise<void>;
  readonly flashes: readonly Flash[];
}

/** One flash of the lamp, by the page's own clock. */
export interface Flash {
  /** No picture of before shows it. */
  litAt: EpochMs;
  /** It was on the screen by then. */
  shownAt: EpochMs;
}

const PAGE = new URL("./page/", import.meta.url);

/** Bundles the page in memory and serves it. */
export async function startScreenServer(): Promise<ScreenServer> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL("main.ts", PAGE))],
    bundle: true,
    format: "esm",
    write: false,
  });
  const script = bundle.outputFiles[0]?.text ?? "";
  const html = (await readFile(new URL("index.html", PAGE), "utf8")).replace(
    "</body>",
    '<script type="module" src="/screen.js"></script></body>',
  );
  const css = await readFile(new URL("screen.css", PAGE), "utf8");
  const flashes: Flash[] = [];
  const { promise: painted, resolve: notePainted } = Promise.withResolvers<void>();
  const app = express();
  app.get("/", (_request, response) => void response.type("html").send(html));
  app.get("/screen.js", (_request, response) => void response.type("js").send(script));
  app.get("/screen.css", (_request, response) => void response.type("css").send(css));
  app.post("/painted", (_request, response) => {
    notePainted();
    response.status(204).end();
  });
  app.post("/flashes", express.json({ type: "*/*" }), (request, response) => {
    flashes.push(request.body as Flash);
    response.status(204).end();
  });
  const listener: HttpListener = await listenHttp("the test screen", { host: "127.0.0.1", port: 0 }, app);
  return {
    url: listener.url,
    painted,
    flashes,
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
