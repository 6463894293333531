/** Feeds many screens; a process of its own, so that its processor time is nobody else's. Spoken to by {@link Feeder}. */
import { createSocket } from "node:dgram";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError } from "#shared/runtime/errors.ts";
import { type CorpusCodec, readScene, type Scene, SCENES } from "./corpus.ts";
import { FedDesktop } from "./fed-desktop.ts";
import { FedScreen, type ScreenCounts, type ScreenTarget, type SendDatagram } from "./fed-screen.ts";
import { agentOf, deviceOf, type FeederLook, type FeederRequest } from "./feeder-protocol.ts";
import { machineMs } from "./machine-time.ts";
import { sceneOf } from "./mix.ts";
import { isRtcp } from "./rtcp.ts";
import { secureUplinks } from "./secure-uplink.ts";
import { plainUplinks } from "./uplink.ts";

const LOOPBACK = "127.0.0.1";
const TICK_MS = 4;
/** Desktops that come online at the same time. */
const CONNECT_AT_ONCE = 8;
const FIRST_SSRC = 1_000_000;
/** A desktop has another one at each call. */
const SSRCS_EACH = 10_000;
const NOTHING_SENT: ScreenCounts = { pictures: 0, packets: 0, bytes: 0, keyPictures: 0, repeated: 0 };

/** What this process keeps of a screen. */
interface Fed {
  screen: FedScreen;
  port: number;
  /** Of every picture. */
  sentAt: number[];
}

// Addresses are numbers: Node would look each of them up before each datagram.
const socket = createSocket({
  type: "udp4",
  lookup: (address, _options, done) => done(null, address, 4),
  recvBufferSize: 1 << 20,
  sendBufferSize: 1 << 20,
});
const scenes = new Map<string, Scene>();
const fed = new Map<number, Fed>();
const byPort = new Map<number, Fed>();
const watched = new Set<number>();
/** Connections that ended, and what the recorder refused. */
const faults: string[] = [];
const lateness = monitorEventLoopDelay({ resolution: TICK_MS });

const send: SendDatagram = (head, payload, port) => {
  socket.send(payload === null ? head : [head, payload], port, LOOPBACK);
};

function feed(screen: number, codec: CorpusCodec, target: ScreenTarget): void {
  const key = `${codec} ${sceneOf(screen)}`;
  const scene = scenes.get(key);
  if (scene === undefined) throw new Error(`there is no corpus of ${key}`);
  const sentAt: number[] = [];
  const one: Fed = {
    screen: new FedScreen(scene, target, machineMs(), send, (at) => sentAt.push(at)),
    port: target.port,
    sentAt,
  };
  fed.set(screen, one);
  byPort.set(target.port, one);
}

async function connect(request: Extract<FeederRequest, { t: "connect" }>): Promise<void> {
  const { channelUrl: url, enrollmentToken, codec, count, isSecure } = request;
  const openUplink = isSecure ? await secureUplinks(codec) : plainUplinks(codec);
  const screens = Array.from({ length: count }, (_, screen) => screen);
  const take = async () => {
    for (let screen = screens.shift(); screen !== undefined; screen = screens.shift()) {
      const number = screen;
      const who = { url, enrollmentToken, agent: agentOf(number), device: deviceOf(number) };
      await FedDesktop.open(
        who,
        openUplink,
        FIRST_SSRC + number * SSRCS_EACH,
        (target) => {
          if (target === null) fed.get(number)?.screen.end();
          else feed(number, codec, target);
        },
        (why) => faults.push(`desktop ${number}: ${why}`),
      );
    }
  };
  await Promise.all(Array.from({ length: CONNECT_AT_ONCE }, take));
}

function look(): FeederLook {
  const count = Math.max(-1, ...fed.keys()) + 1;
  return {
    screens: Array.from({ length: count }, (_, screen) => ({
      ...(fed.get(screen)?.screen.counts ?? NOTHING_SENT),
    })),
    sentAt: Object.fromEntries([...watched].map((screen) => [screen, fed.get(screen)?.sentAt ?? []])),
    latenessP99Ms: Math.max(0, lateness.percentile(99) / 1e6 - TICK_MS),
  };
}

async function answer(request: FeederRequest): Promise<FeederLook> {
  switch (request.t) {
    case "connect":
      load(request.codec);
      await connect(request);
      break;
    case "feed": {
      load(request.codec);
      for (const [screen, target] of request.targets.entries()) {
        feed(screen, request.codec, target);
        await sleep(request.overMs / request.targets.length);
      }
      break;
    }
    case "watch":
      for (const screen of request.screens) watched.add(screen);
      lateness.reset();
      break;
    case "end":
      for (const { screen } of fed.values()) screen.end();
      while ([...fed.values()].some(({ screen }) => !screen.isOver)) await sleep(TICK_MS);
      break;
    case "look":
      break;
  }
  if (faults.length > 0) throw new Error(`${faults.length} faults, the first: ${faults[0]}`);
  return look();
}

function load(codec: CorpusCodec): void {
  for (const scene of SCENES) scenes.set(`${codec} ${scene}`, readScene(codec, scene));
}

await new Promise<void>((resolve) => socket.bind(0, LOOPBACK, resolve));
// A receiver that has ended refuses what is still sent to it.
socket.on("error", () => {});
socket.on("message", (bytes, { port }) => {
  if (isRtcp(bytes)) byPort.get(port)?.screen.onRtcp(bytes, machineMs());
});
lateness.enable();
setInterval(() => {
  const now = machineMs();
  for (const { screen } of fed.values()) screen.sendDue(now);
}, TICK_MS);
process.on("disconnect", () => process.exit(0));
process.on("message", ({ id, request }: { id: number; request: FeederRequest }) => {
  answer(request).then(
    (seen) => process.send?.({ id, look: seen }),
    (error: unknown) => process.send?.({ id, error: describeError(error) }),
  );
});
process.send?.({ id: 0 });
