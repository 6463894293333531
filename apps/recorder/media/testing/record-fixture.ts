/**
 * Records fixtures/chromium-<codec>.jsonl anew: a real Chromium sends a moving canvas through a real mediasoup.
 *
 *     node build/setup/run.mjs apps/recorder/media/testing/record-fixture.ts av1
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "@playwright/test";
import * as mediasoup from "mediasoup";
import { type Codec, CODECS } from "#shared/api/recording.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { startMediaServer } from "../media-server.ts";
import { startChromiumSender } from "./chromium-sender.ts";

const FRAMES_PER_SECOND = 10;
const KEY_FRAME_AFTER_MS: DurationMs = 3_500;
const RESIZE_AFTER_MS: DurationMs = 5_000;
const END_AFTER_MS: DurationMs = 6_600;

const clock = new WallClock();

/** What came, as lines of JSON; the observers see each packet and report that the recorder's own track sees. */
function tapEverything(): { lines: string[]; firstPacket: Promise<void> } {
  const lines: string[] = [];
  const first = Promise.withResolvers<void>();
  mediasoup.observer.on("newworker", (worker) =>
    worker.observer.on("newrouter", (router) =>
      router.observer.on("newtransport", (transport) => {
        transport.observer.on("newconsumer", (consumer) =>
          consumer.on("rtp", (packet) => {
            first.resolve();
            lines.push(JSON.stringify({ at: clock.now(), rtp: packet.toString("base64") }));
          }),
        );
        transport.observer.on("newproducer", (producer) =>
          producer.on("trace", ({ type, info }) => {
            if (type !== "sr") return;
            const { ntpSec, ntpFrac, rtpTs } = info as { ntpSec: number; ntpFrac: number; rtpTs: number };
            // On one machine; what half a round trip is here is less than the clock's own noise.
            lines.push(
              JSON.stringify({ at: clock.now(), report: { ntpSec, ntpFrac, rtpTs }, roundTripMs: 0 }),
            );
          }),
        );
      }),
    ),
  );
  return { lines, firstPacket: first.promise };
}

async function record(codec: Codec): Promise<void> {
  const version = await chromiumVersion();
  const { lines, firstPacket } = tapEverything();
  const address = { listenIp: "127.0.0.1", announcedAddress: null, port: 0, workers: 1 };
  await using server = await startMediaServer(address, silentLog(), clock);
  const scene = { width: 640, height: 360, bars: 40, framesPerSecond: FRAMES_PER_SECOND, codec };
  await using sender = await startChromiumSender(server, scene);
  await firstPacket;
  await sleep(KEY_FRAME_AFTER_MS);
  sender.track.requestKeyFrame();
  await sleep(RESIZE_AFTER_MS - KEY_FRAME_AFTER_MS);
  await sender.resize(480, 300);
  await sleep(END_AFTER_MS - RESIZE_AFTER_MS);
  const about = [
    `${codec.toUpperCase()} as real Chromium ${version} sends it through mediasoup ${mediasoup.version}:`,
    `a moving canvas at ${FRAMES_PER_SECOND} fps, 640x360, a key frame asked for after ${KEY_FRAME_AFTER_MS / 1_000} s,`,
    `480x300 from ${RESIZE_AFTER_MS / 1_000} s on. Times are the receiver's clock in epoch ms; reports are RTCP sender reports.`,
  ].join(" ");
  const path = join(import.meta.dirname, `../fixtures/chromium-${codec}.jsonl`);
  writeFileSync(path, `${[JSON.stringify({ about }), ...lines].join("\n")}\n`);
}

async function chromiumVersion(): Promise<string> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
  const [major = ""] = browser.version().split(".");
  await browser.close();
  return major;
}

const codec = CODECS.find((name) => name === process.argv[2]);
if (codec === undefined) throw new Error(`name one of ${CODECS.join(", ")}`);
await record(codec);
