import { join } from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import { build } from "esbuild";
import type { Codec } from "#shared/api/recording.ts";
import type { MediaIngress, MediaServer, ScreenTrack } from "../../capture/ports.ts";

/** What the page shows and sends. */
export interface Scene {
  width: number;
  height: number;
  /** Coloured bars: more of them make larger frames. */
  bars: number;
  framesPerSecond: number;
  codec: Codec;
}

/** A real Chromium that sends into a media server. */
export interface ChromiumSender extends AsyncDisposable {
  readonly ingress: MediaIngress;
  readonly track: ScreenTrack;
  resize(width: number, height: number): Promise<void>;
  /** How many pictures it has sent. */
  framesSent(): Promise<number>;
  /** Ends the stream, as a desktop does whose monitor is gone; telling the recorder is the caller's. */
  unplug(): Promise<void>;
  /** Sends a further stream over the same transport. */
  plugIn(): Promise<void>;
}

/** What takes the stream in. */
type SenderHost = Pick<MediaServer, "routerRtpCapabilities" | "createIngress">;

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--allow-loopback-in-peer-connection",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
];

/** One that several senders can share, each in a page of its own. */
export function launchSenders(): Promise<Browser> {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: CHROMIUM_FLAGS });
}

/**
 * Starts it; it sends when this resolves.
 *
 * @param shared - where its page is opened; absent: in a Chromium of its own.
 */
export async function startChromiumSender(
  server: SenderHost,
  scene: Scene,
  shared?: Browser,
): Promise<ChromiumSender> {
  const browser = shared ?? (await launchSenders());
  const context = await browser.newContext();
  const close = () => (shared === undefined ? browser.close() : context.close());
  try {
    const page = await context.newPage();
    const ingress = await server.createIngress();
    const track = await produceFrom(page, server, ingress, scene);
    return {
      ingress,
      track,
      resize: (width, height) => page.evaluate(`resize(${width}, ${height})`),
      unplug: () => page.evaluate("unplug()"),
      plugIn: () => page.evaluate("plugIn()"),
      framesSent: () => page.evaluate<number>("framesSent()"),
      async [Symbol.asyncDispose]() {
        await ingress[Symbol.asyncDispose]();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function produceFrom(
  page: Page,
  server: SenderHost,
  ingress: MediaIngress,
  scene: Scene,
): Promise<ScreenTrack> {
  const produced = Promise.withResolvers<ScreenTrack>();
  await page.exposeFunction("ask", async (type: "connect" | "produce", body: Record<string, unknown>) => {
    if (type === "connect") return ingress.connect(body);
    const track = await ingress.produce(body);
    produced.resolve(track);
    return track.producerId;
  });
  await page.addScriptTag({ content: await bundlePage() });
  const transport = {
    id: ingress.transportId,
    iceParameters: ingress.iceParameters,
    iceCandidates: ingress.iceCandidates,
    dtlsParameters: ingress.dtlsParameters,
  };
  const options = { routerRtpCapabilities: server.routerRtpCapabilities, transport, ...scene };
  await page.evaluate(`startSending(${JSON.stringify(options)})`);
  return produced.promise;
}

async function bundlePage(): Promise<string> {
  const bundle = await build({
    entryPoints: [join(import.meta.dirname, "sender-page.js")],
    bundle: true,
    write: false,
    format: "iife",
    target: "chrome130",
    logLevel: "silent",
  });
  return bundle.outputFiles[0]?.text ?? "";
}
