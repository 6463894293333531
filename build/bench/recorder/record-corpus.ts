/**
 * Makes the corpus anew: `node build/setup/run.mjs build/bench/recorder/record-corpus.ts [vp9|h264]…`. The real tray app
 * under Electron sends a 1080p screen through real WebRTC and mediasoup into a real recorder; kept is what its
 * DirectTransport consumers got.
 */
import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DurationMs } from "#shared/time/units.ts";
import { FrameStream } from "../../../apps/recorder/media/frame-stream.ts";
import { parseRtpPacket, type RtpPacket } from "../../../apps/recorder/media/rtp-packet.ts";
import { scriptCall } from "../../../e2e/rig/events.ts";
import {
  CORPUS_CODECS,
  type CorpusCodec,
  type Scene,
  type SceneName,
  type ScenePacket,
  SCENES,
  writeScene,
} from "./corpus.ts";
import { startElectronDesk } from "./electron-desk.ts";
import { startHookedRecorder } from "./hooked-recorder.ts";

/** Scenes of which little is sent are longer, so that their key picture weighs no more than in real life: one a minute. */
const LENGTH_S: Record<SceneName, number> = { static: 60, typing: 60, scrolling: 20, switching: 20 };
/** Key pictures are asked for at the beginning; afterwards none may come. */
const WARM_UP_S = 6;
/** Until the page is painted: the key picture is of it. */
const PAINT_MS = 3_000;
const FRAMES_PER_SECOND = 5;
const AGENT = "bench@contoso.com";

for (const codec of CORPUS_CODECS) {
  const wanted = process.argv.slice(2);
  if (wanted.length === 0 || wanted.includes(codec)) await recordCodec(codec);
}

async function recordCodec(codec: CorpusCodec): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-bench-corpus-"));
  try {
    const taps = join(folder, "taps");
    await mkdir(taps);
    // One segment for all of a scene: a cut asks for a key picture.
    const settings = { capture: { codecs: [codec] }, buffer: { segmentS: 600 } };
    await using recorder = await startHookedRecorder(folder, { recordInto: taps }, { recorder: settings });
    await using desk = await startElectronDesk(folder, recorder, AGENT);
    const version = await desk.desktop.app.evaluate(() => process.versions["electron"] ?? "unknown");
    for (const scene of SCENES) {
      process.stderr.write(`${codec} ${scene}: ${LENGTH_S[scene] + WARM_UP_S} s\n`);
      await desk.show(scene);
      await sleep(PAINT_MS);
      const call = scriptCall({ recorderUrl: recorder.url, tokens: recorder.tokens }, AGENT);
      await call.say("ringing");
      await call.say("connected");
      await sleep((LENGTH_S[scene] + WARM_UP_S) * 1_000);
      await call.say("wrap-up");
      await call.say("agent-available");
      await call.recording(({ phase }) => phase === "sealed");
      const newest = (await readdir(taps)).sort().at(-1);
      if (newest === undefined) throw new Error("the recorder got no packet");
      const facts = {
        codec,
        scene,
        framesPerSecond: FRAMES_PER_SECOND,
        recordedFrom: `Deskreel's tray app, Electron ${version}`,
        recordedAt: new Date().toISOString().slice(0, 10),
      };
      const made = cutScene(facts, await readFile(join(taps, newest)), LENGTH_S[scene] * 1_000);
      const bytes = writeScene(made);
      const kbps = Math.round((bytes * 8) / made.durationMs);
      process.stderr.write(
        `  ${made.pictures} pictures, ${made.packets.length} packets, ${bytes} bytes, ${kbps} kbit/s\n`,
      );
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface TapPacket extends RtpPacket {
  atMs: number;
  bytes: Buffer;
}

/** From the last key picture on, whole pictures only. */
function cutScene(
  facts: Omit<Scene, "packets" | "pictures" | "durationMs" | "width" | "height">,
  tap: Buffer,
  durationMs: DurationMs,
): Scene {
  const packets = readTap(tap);
  const stream = new FrameStream(facts.codec);
  const pictures = packets.flatMap(({ bytes, atMs }) => stream.push(bytes, atMs).frames);
  const key = pictures.findLast((picture) => picture.key);
  const first = packets.find(({ timestamp }) => timestamp === (key?.rtpTicks ?? -1) % 2 ** 32);
  if (key?.width === undefined || key.height === undefined || first === undefined)
    throw new Error(`${facts.scene}: no key picture came`);
  const kept: ScenePacket[] = [];
  let open: ScenePacket[] = [];
  for (const { atMs, timestamp, marker, payload } of packets.slice(packets.indexOf(first))) {
    const ticks = (timestamp - first.timestamp) >>> 0;
    if (ticks >= durationMs * 90) break;
    open.push({ atMs: atMs - first.atMs, ticks, marker, payload: Buffer.from(payload) });
    if (!marker) continue;
    kept.push(...open);
    open = [];
  }
  const lastedMs = (kept.at(-1)?.ticks ?? 0) / 90;
  if (lastedMs < durationMs - 1_000)
    throw new Error(`${facts.scene}: only ${lastedMs} ms follow the last key picture; try again`);
  const count = kept.filter(({ marker }) => marker).length;
  return { ...facts, width: key.width, height: key.height, durationMs, pictures: count, packets: kept };
}

/** Reads what the hooks wrote: only packets with a payload, in the sender's order. */
function readTap(tap: Buffer): TapPacket[] {
  const packets: TapPacket[] = [];
  for (let at = 0; at < tap.byteLength; ) {
    const length = tap.readUInt16BE(at + 8);
    const bytes = tap.subarray(at + 10, at + 10 + length);
    const packet = parseRtpPacket(bytes);
    if (packet === null) throw new Error("what the recorder got is no RTP packet");
    packets.push({ ...packet, atMs: tap.readDoubleBE(at), bytes });
    at += 10 + length;
  }
  const base = packets[0]?.sequenceNumber ?? 0;
  const place = ({ sequenceNumber }: TapPacket) => (sequenceNumber - base) & 0xffff;
  return packets.filter(({ payload }) => payload.byteLength > 0).sort((a, b) => place(a) - place(b));
}
