/**
 * What a benchmarked recorder is given to look at and to be fed: loaded before it (`recorder-hooks.ts`), so that the
 * recorder itself is the product as it is. Its options are in the environment, see {@link HookOptions}.
 */
import { createWriteStream, readlinkSync, type WriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import * as mediasoup from "mediasoup";
import { Profiler } from "./profiler.ts";
import { machineMs } from "./machine-time.ts";
import type { FlushSeen, HookOptions, LoopDelay } from "./hook-options.ts";

/** The histogram's timer; what it records is the distance of its ticks, so this much of each value is no delay. */
const LOOP_RESOLUTION_MS = 10;

const options = JSON.parse(process.env["DESKREEL_BENCH_HOOKS"] ?? "{}") as HookOptions;
const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
const flushes: FlushSeen[] = [];

mediasoup.observer.on("newworker", (worker) => {
  worker.observer.on("newrouter", (router) => {
    if (options.plainIngress) feedByPlainTransports(router);
    if (options.recordInto !== undefined) recordTaps(router, options.recordInto);
  });
});
await watchFlushes();
if (options.socket !== undefined) answerAt(options.socket);

/**
 * Gives desktops PlainTransports in place of WebRTC transports: no ICE, no DTLS, no SRTP. Their first candidate names the
 * UDP port; everything else of the recorder takes them as what they replace.
 */
function feedByPlainTransports(router: mediasoup.types.Router): void {
  router.createWebRtcTransport = (async () => {
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: "udp", ip: "127.0.0.1" },
      rtcpMux: true,
      comedia: true,
    });
    const { localAddress, localPort } = transport.tuple;
    const instead: Record<string, unknown> = {
      iceParameters: {},
      iceCandidates: [{ ip: localAddress, address: localAddress, port: localPort, protocol: "udp" }],
      dtlsParameters: {},
      connect: async () => {},
    };
    return new Proxy(transport, {
      get(target, name) {
        if (typeof name === "string" && name in instead) return instead[name];
        const value: unknown = Reflect.get(target, name, target);
        // mediasoup's private fields are not the proxy's.
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }) as unknown as typeof router.createWebRtcTransport;
}

/** Writes what each DirectTransport consumer gets into a file: f64 ms and u16 length before each packet, big endian. */
function recordTaps(router: mediasoup.types.Router, folder: string): void {
  router.observer.on("newtransport", (transport) => {
    if (transport.type !== "direct") return;
    transport.observer.on("newconsumer", (consumer) => {
      let file: WriteStream | null = null;
      consumer.on("rtp", (packet: Buffer) => {
        file ??= createWriteStream(join(folder, `${machineMs().toFixed(0)}-${consumer.id}.tap`));
        const head = Buffer.alloc(10);
        head.writeDoubleBE(machineMs(), 0);
        head.writeUInt16BE(packet.byteLength, 8);
        file.write(Buffer.concat([head, packet]));
      });
      consumer.observer.once("close", () => file?.end());
    });
  });
}

/** Notes when which file was flushed; a flush covers what was written before it began. */
async function watchFlushes(): Promise<void> {
  await using handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as { datasync: () => Promise<void>; fd: number };
  const { datasync } = prototype;
  prototype.datasync = async function (this: { fd: number }) {
    const startedAt = machineMs();
    const path = readlinkSync(`/proc/self/fd/${this.fd}`);
    await datasync.call(this);
    flushes.push({ path, startedAt, endedAt: machineMs() });
  };
}

/** `/begin` starts measuring, `/figures` tells what was seen since. */
function answerAt(socket: string): void {
  const profiler = options.profileInto === undefined ? null : new Profiler(options.profileInto);
  const server = createServer((request, response) => {
    if (request.url === "/begin") {
      flushes.length = 0;
      loop.reset();
      loop.enable();
    } else profiler?.end();
    const ms = (percentile: number) => Math.max(0, loop.percentile(percentile) / 1e6 - LOOP_RESOLUTION_MS);
    const delay: LoopDelay = { p50Ms: ms(50), p99Ms: ms(99), maxMs: ms(100) };
    response.end(JSON.stringify({ loop: delay, flushes }));
  });
  server.listen(socket);
  server.unref();
}
