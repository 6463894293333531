import { createSocket } from "node:dgram";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import type { EncodedFrame, MediaIngress, MediaServer } from "../capture/ports.ts";
import { probeSegment } from "../scn/testing/probe.ts";
import { openWriterRig } from "../scn/testing/writer-rig.ts";
import { startMediaServer } from "./media-server.ts";
import { startMediaWorker } from "./media-worker.ts";
import { startChromiumSender } from "./testing/chromium-sender.ts";

const ANY_PORT = { listenIp: "127.0.0.1", announcedAddress: null, port: 0, workers: 1 };
const SCENE = { width: 640, height: 360, bars: 40, framesPerSecond: 10, codec: "vp9" as const };
const clock = new WallClock();

function startServer(): Promise<MediaServer> {
  return startMediaServer(ANY_PORT, silentLog(), clock);
}

/** The first of two UDP ports that are free, which is as far as a test can know. */
async function freePortPair(): Promise<number> {
  await using first = createSocket("udp4");
  first.bind(0, "127.0.0.1");
  await once(first, "listening");
  const { port } = first.address();
  return port === 65_535 ? freePortPair() : port;
}

/** Ids of the media workers that this process has started and that still run. */
async function runningWorkers(): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry));
  const mine = await Promise.all(
    pids.map(async (pid) => {
      const [stat, command] = await Promise.all(
        ["stat", "cmdline"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")),
      );
      const parent = Number(/^\d+ \(.*\) \S (\d+)/.exec(stat ?? "")?.[1]);
      return parent === process.pid && (command ?? "").includes("mediasoup-worker") ? [Number(pid)] : [];
    }),
  );
  return mine.flat();
}

afterEach(async () => expect(await runningWorkers()).toEqual([]));

test("a real Chromium's screen becomes segments in which every frame decodes", async () => {
  await using server = await startServer();
  await using sender = await startChromiumSender(server, SCENE);
  const { track } = sender;
  await using rig = await openWriterRig({
    segmentS: 2,
    wallTimeOf: (rtpTicks) => clock.wallAt(track.steadyTimeOf(rtpTicks)),
    clockSource: () => track.clockSource,
    requestKeyFrame: () => track.requestKeyFrame(),
  });
  const taken: EncodedFrame[] = [];
  track.addSink(rig.writer);
  track.addSink({ push: (frame) => void taken.push(frame) });
  // Two cuts by length, then one by size.
  await expect.poll(() => rig.segments.length, { timeout: 30_000 }).toBe(2);
  await sender.resize(480, 300);
  await expect.poll(() => rig.segments.length, { timeout: 30_000 }).toBe(3);
  track.removeSink(rig.writer);
  // The sender goes on while the files are closed and looked at.
  const offered = taken.length;
  await rig.writer.seal();

  expect(rig.faults).toEqual([]);
  expect(rig.segments).toHaveLength(4);
  expect(rig.segments.at(-1)).toMatchObject({ width: 480, height: 300 });
  for (const [index, { id, frames, width, height, durationMs, startedAt }] of rig.segments.entries()) {
    expect(await probeSegment(join(rig.folder, `${id}.scn`))).toEqual({
      frames,
      width,
      height,
      durationMs,
      errors: "",
    });
    const next = rig.segments[index + 1];
    // Segments follow each other; the sender's clock is known better at each close, by well under a picture.
    if (next) expect(Math.abs(startedAt + durationMs - next.startedAt)).toBeLessThan(50);
  }
  expect(rig.segments.reduce((sum, { frames }) => sum + frames, 0)).toBe(offered);
  expect(track.clockSource).toBe("sender-reports");
  // Captured before it arrived, and not long before: sender and recorder share one machine's clock.
  const latencies = taken.map(({ arrivedAt, rtpTicks }) => arrivedAt - track.steadyTimeOf(rtpTicks));
  const median = latencies.toSorted((a, b) => a - b)[latencies.length >> 1] ?? Number.NaN;
  expect(median).toBeGreaterThan(-5);
  expect(median).toBeLessThan(100);
  expect(clock.steady() - track.lastSignAt).toBeLessThan(3_000);
});

test("each sink begins with a key frame, whenever it is added", async () => {
  await using server = await startServer();
  await using sender = await startChromiumSender(server, SCENE);
  const first: EncodedFrame[] = [];
  const second: EncodedFrame[] = [];
  sender.track.addSink({ push: (frame) => void first.push(frame) });
  await expect.poll(() => first.length, { timeout: 20_000 }).toBeGreaterThan(3);
  sender.track.addSink({ push: (frame) => void second.push(frame) });
  await expect.poll(() => second.length, { timeout: 20_000 }).toBeGreaterThan(0);
  expect([first[0]?.key, second[0]?.key]).toEqual([true, true]);
  await sender.ingress[Symbol.asyncDispose]();
  await sender.track[Symbol.asyncDispose]();
});

test("wrong parameters of a desktop are its own fault and harm nobody", async () => {
  await using server = await startServer();
  const ingress = await server.createIngress();
  await expect(ingress.connect({ role: "nobody" })).rejects.toMatchObject({ code: "BAD_DTLS_PARAMETERS" });
  await expect(ingress.produce({ codecs: "many" })).rejects.toMatchObject({ code: "BAD_RTP_PARAMETERS" });
  const h264 = { mimeType: "video/H264", payloadType: 96, clockRate: 90_000, parameters: {} };
  await expect(ingress.produce({ mid: "0", codecs: [h264], encodings: [{ ssrc: 1 }] })).rejects.toMatchObject(
    { code: "BAD_RTP_PARAMETERS" },
  );
  await ingress[Symbol.asyncDispose]();
  expect((await server.createIngress()).iceCandidates).toMatchObject([
    { protocol: "udp" },
    { protocol: "tcp" },
  ]);
});

test("desktops are told the announced address, else the one that is listened on", async () => {
  await using announced = await startMediaServer(
    { ...ANY_PORT, announcedAddress: "203.0.113.7" },
    silentLog(),
    clock,
  );
  await using plain = await startServer();
  const addresses = await Promise.all(
    [announced, plain].map(async (server) =>
      (await server.createIngress()).iceCandidates.map((candidate) => candidate["address"]),
    ),
  );
  expect(addresses).toEqual([
    ["203.0.113.7", "203.0.113.7"],
    ["127.0.0.1", "127.0.0.1"],
  ]);
});

test("the router takes every codec and repairs it", async () => {
  await using server = await startServer();
  const rtx = { mimeType: "video/rtx" };
  expect(server.routerRtpCapabilities["codecs"]).toMatchObject([
    { mimeType: "video/AV1" },
    rtx,
    { mimeType: "video/VP9", parameters: { "profile-id": 0 } },
    rtx,
    { mimeType: "video/H264", parameters: { "packetization-mode": 1, "profile-level-id": "42e01f" } },
    rtx,
    { mimeType: "video/VP8" },
    rtx,
  ]);
});

test("a port that is taken and an address that is not ours are named", async () => {
  const holder = createSocket("udp4");
  holder.bind(0, "127.0.0.1");
  await once(holder, "listening");
  const { port } = holder.address();
  await expect(startMediaServer({ ...ANY_PORT, port }, silentLog(), clock)).rejects.toMatchObject({
    code: "PORT_TAKEN",
    message: expect.stringContaining(`127.0.0.1:${port} (UDP and TCP)`),
  });
  holder.close();
  await expect(
    startMediaServer({ ...ANY_PORT, listenIp: "203.0.113.7" }, silentLog(), clock),
  ).rejects.toMatchObject({ code: "CANNOT_LISTEN", message: expect.stringContaining("203.0.113.7") });
});

test("a worker program that is missing or broken is named with the next step", async () => {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-worker-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const missing = join(folder, "mediasoup-worker");
  await expect(startMediaWorker(silentLog(), missing)).rejects.toMatchObject({
    code: "MEDIA_WORKER_MISSING",
    message: expect.stringMatching(/mediasoup-worker; run "npm start" once/),
  });
  await writeFile(missing, "#!/bin/sh\nexit 3\n");
  await chmod(missing, 0o755);
  await expect(startMediaWorker(silentLog(), missing)).rejects.toMatchObject({
    code: "MEDIA_WORKER_FAILED",
    message: expect.stringContaining("code:3"),
  });
});

test("a worker that dies is replaced on its port; its desktops are told, those of others go on", async () => {
  const port = await freePortPair();
  const onDied = vi.fn<() => void>();
  await using server = await startMediaServer({ ...ANY_PORT, port, workers: 2 }, silentLog(), clock, onDied);
  const ingresses = [await server.createIngress(), await server.createIngress()];
  const ports = ingresses.map(({ iceCandidates }) => iceCandidates[0]?.["port"]);
  expect(ports).toEqual([port, port + 1]);
  const lost: number[] = [];
  for (const [index, ingress] of ingresses.entries()) ingress.onLost(() => lost.push(index));

  const [first] = await runningWorkers();
  if (first === undefined) throw new Error("no worker runs");
  process.kill(first, "SIGKILL");
  await expect.poll(() => lost).toEqual([0]);
  await expect.poll(() => server.fault, { timeout: 20_000 }).toBeNull();
  expect(onDied).toHaveBeenCalledTimes(1);
  expect(await runningWorkers()).toHaveLength(2);
  // The new worker serves nobody yet, so the next desktop is its.
  expect((await server.createIngress()).iceCandidates[0]?.["port"]).toBe(port);
  expect((await ingresses[1]?.connect({ role: "nobody" }).catch((error) => error.code)) ?? "").toBe(
    "BAD_DTLS_PARAMETERS",
  );
  for (const ingress of ingresses) await ingress[Symbol.asyncDispose]();
  expect(lost).toEqual([0]);
  const toldLate = vi.fn<() => void>();
  ingresses[0]?.onLost(toldLate);
  expect(toldLate).toHaveBeenCalledTimes(1);
});

test("with a single worker, a desktop that is back at once waits for its successor", async () => {
  await using server = await startServer();
  const ingress = await server.createIngress();
  const back = Promise.withResolvers<MediaIngress>();
  ingress.onLost(() => back.resolve(server.createIngress()));
  const [pid] = await runningWorkers();
  if (pid === undefined) throw new Error("no worker runs");
  process.kill(pid, "SIGKILL");
  expect((await back.promise).iceCandidates).toHaveLength(2);
});
