import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Program, startProgram } from "../../../e2e/rig/program.ts";
import type { CorpusCodec } from "./corpus.ts";
import type { ForeignRecorder } from "./foreign-way.ts";
import { FrameScanner } from "./frame-scanner.ts";
import { PlainSfu } from "./plain-sfu.ts";
import { freePortPairs } from "./udp-ports.ts";

/** Started all at once, some of them are lost. */
const START_EVERY_MS = 120;
/** Until the last one listens. */
const READY_MS = 1_500;
const FIRST_SSRC = 2_000_000;

/**
 * What a user of mediasoup would build: each screen leaves the worker by a PlainTransport, and an ffmpeg of its own copies
 * it into a file.
 *
 * @param codec - one that ffmpeg copies from RTP; ffmpeg 5.1 copies no VP9.
 */
export async function startFfmpegWay(
  folder: string,
  codec: Extract<CorpusCodec, "h264">,
  screens: number,
): Promise<ForeignRecorder> {
  await using parts = new AsyncDisposableStack();
  const sfu = parts.use(await PlainSfu.start(codec));
  const ports = await freePortPairs(screens);
  const programs: Program[] = [];
  const targets: ForeignRecorder["targets"] = [];
  const files: string[] = [];
  for (const [screen, port] of ports.entries()) {
    const { target, payloadType } = await sfu.forward(FIRST_SSRC + screen, port);
    const description = join(folder, `${screen}.sdp`);
    const file = join(folder, `${screen}.mkv`);
    await writeFile(description, sessionDescription(port, payloadType));
    programs.push(parts.use(await startCopy(screen, description, file)));
    targets.push(target);
    files.push(file);
    await sleep(START_EVERY_MS);
  }
  await sleep(READY_MS);
  const owned = parts.move();
  return {
    way: "mediasoup + ffmpeg -c copy",
    targets,
    pids: { worker: [sfu.workerPid], ffmpeg: programs.map(({ pid }) => pid) },
    async finish() {
      // SIGTERM has ffmpeg end its file properly.
      await Promise.all(programs.map((program) => program[Symbol.asyncDispose]()));
      return files;
    },
    countPictures(file) {
      const scanner = new FrameScanner();
      scanner.scan(file);
      return scanner.frames;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function startCopy(screen: number, description: string, file: string): Promise<Program> {
  return startProgram(`ffmpeg ${screen}`, "ffmpeg", [
    // It looks at a stream for five seconds otherwise, and longer at so few pictures a second.
    ...["-analyzeduration", "2000000", "-fpsprobesize", "0"],
    ...["-nostdin", "-loglevel", "error", "-protocol_whitelist", "file,udp,rtp"],
    ...["-i", description, "-c", "copy", "-f", "matroska", file],
  ]);
}

function sessionDescription(port: number, payloadType: number): string {
  return [
    "v=0",
    "o=- 0 0 IN IP4 127.0.0.1",
    "s=screen",
    "c=IN IP4 127.0.0.1",
    "t=0 0",
    `m=video ${port} RTP/AVP ${payloadType}`,
    `a=rtpmap:${payloadType} H264/90000`,
    `a=fmtp:${payloadType} packetization-mode=1;profile-level-id=42e01f`,
    "",
  ].join("\r\n");
}
