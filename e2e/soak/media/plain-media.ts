import { randomUUID } from "node:crypto";
import { writeSync } from "node:fs";
import { crc32 } from "node:zlib";
import type { types } from "mediasoup";
import type { Log } from "#shared/runtime/log.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type {
  FrameSink,
  MediaIngress,
  MediaServer,
  ScreenTrack,
} from "../../../apps/recorder/capture/ports.ts";
import { startMediaWorker, stopMediaWorker } from "../../../apps/recorder/media/media-worker.ts";
import { codecOf, ROUTER_CODECS, tapCapabilities } from "../../../apps/recorder/media/router-codecs.ts";
import { MediasoupScreenTrack } from "../../../apps/recorder/media/screen-track.ts";
import { encodeHandedIn } from "./handed-in.ts";

const STDOUT = 1;

/**
 * The media side with a real mediasoup worker that takes plain RTP instead of WebRTC, because no browser is needed to be
 * killed. Each frame is written to stdout before the capture side gets it, so that whoever started this process knows what
 * it had when it was killed.
 */
export async function startPlainMedia(log: Log, clock: SteadyClock): Promise<MediaServer> {
  const worker = await startMediaWorker(log);
  const router = await worker.createRouter({ mediaCodecs: ROUTER_CODECS });
  const tap = await router.createDirectTransport();
  return {
    routerRtpCapabilities: { ...router.rtpCapabilities },
    fault: null,
    async createIngress(): Promise<MediaIngress> {
      const transport = await router.createPlainTransport({
        listenInfo: { protocol: "udp", ip: "127.0.0.1" },
        rtcpMux: true,
        comedia: true,
      });
      const { localAddress: ip, localPort: port } = transport.tuple;
      return {
        transportId: transport.id,
        // What the desktop of a soak needs to know of it.
        iceParameters: { ip, port },
        iceCandidates: [],
        dtlsParameters: {},
        connect: () => Promise.resolve(),
        produce: (parameters) => produce(transport, parameters, { router, tap, clock, log }),
        onLost: () => {},
        // oxlint-disable-next-line typescript/require-await -- mediasoup closes without waiting
        async [Symbol.asyncDispose]() {
          transport.close();
        },
      };
    },
    [Symbol.asyncDispose]: () => stopMediaWorker(worker),
  };
}

async function produce(
  transport: types.PlainTransport,
  rtpParameters: Record<string, unknown>,
  parts: { router: types.Router; tap: types.DirectTransport; clock: SteadyClock; log: Log },
): Promise<ScreenTrack> {
  const { router, tap, clock, log } = parts;
  const parameters = rtpParameters as unknown as types.RtpParameters;
  // mediasoup gives all producers of a transport the name of its first one.
  const display = parameters.rtcp?.cname ?? "";
  const producer = await transport.produce({ kind: "video", rtpParameters: parameters });
  const consumer = await tap.consume({
    producerId: producer.id,
    rtpCapabilities: tapCapabilities(router.rtpCapabilities),
    paused: true,
  });
  const codec = codecOf(producer.rtpParameters);
  const track = new MediasoupScreenTrack({ producer, consumer, codec }, clock, log);
  await producer.enableTraceEvent(["sr"]);
  await consumer.resume();
  return tellFrames(track, clock, display);
}

/** The track, whose sinks get each frame after it was told. */
function tellFrames(track: ScreenTrack, clock: SteadyClock, display: string): ScreenTrack {
  const tellers = new Map<FrameSink, FrameSink>();
  const addSink = (sink: FrameSink) => {
    const stream = randomUUID();
    const teller: FrameSink = {
      push(frame) {
        const { key, data } = frame;
        const arrivedAt = clock.wallAt(frame.arrivedAt);
        const capturedAt = clock.wallAt(track.steadyTimeOf(frame.rtpTicks));
        const facts = { display, stream, arrivedAt, capturedAt, key, bytes: data.byteLength };
        writeSync(STDOUT, encodeHandedIn({ ...facts, crc: crc32(data) }));
        sink.push(frame);
      },
    };
    tellers.set(sink, teller);
    track.addSink(teller);
  };
  const removeSink = (sink: FrameSink) => {
    const teller = tellers.get(sink);
    if (teller !== undefined) track.removeSink(teller);
    tellers.delete(sink);
  };
  const own: Partial<ScreenTrack> = { addSink, removeSink };
  return new Proxy(track, {
    get(target, name) {
      const value: unknown = Reflect.get(own, name) ?? Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
