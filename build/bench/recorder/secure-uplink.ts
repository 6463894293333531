import { createSocket, type Socket } from "node:dgram";
import { createWorker, type types } from "mediasoup";
import type { CorpusCodec } from "./corpus.ts";
import { bindingRequest, type IceSecrets, isStun } from "./stun.ts";
import { CODEC_PARAMETERS, PAYLOAD_TYPE, rtpParametersOf } from "./stream-parameters.ts";
import type { OpenUplink, RemoteTransport, Uplink, UplinkStream } from "./uplink.ts";

const LOOPBACK = { protocol: "udp", ip: "127.0.0.1" } as const;
/** An end whose path is not confirmed for 30 s gives it up. */
const CONFIRM_EVERY_MS = 2_000;
const ASK_EVERY_MS = 20;
/** More than any screen takes: the sender is not what is measured. */
const BITRATE = 10_000_000;

/**
 * Real WebRTC from a mediasoup worker of our own: what the feeder sends it goes on through ICE, DTLS and SRTP. The worker
 * lives as long as this process.
 */
export async function secureUplinks(codec: CorpusCodec): Promise<OpenUplink> {
  const worker = await createWorker({ logLevel: "error" });
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: "video", clockRate: 90_000, ...CODEC_PARAMETERS[codec] }],
  });
  return async (remote) => {
    const transport = await router.createWebRtcTransport({
      listenInfos: [LOOPBACK],
      enableUdp: true,
      enableTcp: false,
      initialAvailableOutgoingBitrate: BITRATE,
    });
    const ingress = await router.createPlainTransport({ listenInfo: LOOPBACK, rtcpMux: true, comedia: true });
    return new SecureUplink({ codec, router, transport, ingress }, remote);
  };
}

interface OwnEnd {
  codec: CorpusCodec;
  router: types.Router;
  transport: types.WebRtcTransport;
  ingress: types.PlainTransport;
}

/** One desktop's end. */
class SecureUplink implements Uplink {
  readonly #own: OwnEnd;
  readonly #remote: RemoteTransport;
  #connected: Promise<void> | null = null;
  #stream: { producer: types.Producer; consumer: types.Consumer } | null = null;

  constructor(own: OwnEnd, remote: RemoteTransport) {
    this.#own = own;
    this.#remote = remote;
  }

  get dtlsParameters(): Record<string, unknown> {
    return { role: "client", fingerprints: this.#own.transport.dtlsParameters.fingerprints };
  }

  async openStream(ssrc: number): Promise<UplinkStream> {
    const { codec, router, transport, ingress } = this.#own;
    this.#stream?.producer.close();
    const rtpParameters = rtpParametersOf(codec, ssrc) as unknown as types.RtpParameters;
    const producer = await ingress.produce({ kind: "video", rtpParameters });
    const consumer = await transport.consume({
      producerId: producer.id,
      rtpCapabilities: router.rtpCapabilities,
    });
    this.#stream = { producer, consumer };
    return {
      target: { port: ingress.tuple.localPort, payloadType: PAYLOAD_TYPE, ssrc, sendsReports: true },
      rtpParameters: { ...consumer.rtpParameters },
    };
  }

  connected(): Promise<void> {
    this.#connected ??= this.#connect();
    return this.#connected;
  }

  async #connect(): Promise<void> {
    const { transport } = this.#own;
    const { fingerprints } = this.#remote.dtlsParameters as unknown as types.DtlsParameters;
    const secured = new Promise<void>((resolve, reject) => {
      transport.on("dtlsstatechange", (state) => {
        if (state === "connected") resolve();
        if (state === "failed") reject(new Error("DTLS failed"));
      });
    });
    await transport.connect({ dtlsParameters: { role: "server", fingerprints } });
    const link = joinEnds(
      {
        secrets: this.#remote.iceParameters as unknown as IceSecrets,
        port: udpPort(this.#remote.iceCandidates),
      },
      { secrets: transport.iceParameters, port: transport.iceCandidates[0]?.port ?? 0 },
    );
    transport.observer.once("close", () => link.close());
    await secured;
  }
}

/** One end of a path. */
interface End {
  secrets: IceSecrets;
  /** Of loopback. */
  port: number;
}

/**
 * mediasoup answers connectivity checks and makes none, so two of its transports never find each other: this socket stands
 * between them, makes the checks towards both and passes everything else on.
 */
function joinEnds(one: End, other: End): Socket {
  const socket = createSocket({
    type: "udp4",
    lookup: (address, _options, done) => done(null, address, 4),
  });
  let answered = 0;
  const check = () => {
    socket.send(bindingRequest(other.secrets, one.secrets), one.port, "127.0.0.1");
    socket.send(bindingRequest(one.secrets, other.secrets), other.port, "127.0.0.1");
  };
  socket.on("message", (packet, { port }) => {
    if (isStun(packet)) answered += 1;
    else socket.send(packet, port === one.port ? other.port : one.port, "127.0.0.1");
  });
  socket.on("error", () => {});
  let timer: NodeJS.Timeout;
  const checkOnAndOn = () => {
    check();
    timer = setTimeout(checkOnAndOn, answered >= 2 ? CONFIRM_EVERY_MS : ASK_EVERY_MS);
  };
  socket.once("close", () => clearTimeout(timer));
  socket.bind(0, "127.0.0.1", checkOnAndOn);
  return socket;
}

function udpPort(candidates: readonly Record<string, unknown>[]): number {
  return Number(candidates.find(({ protocol }) => protocol === "udp")?.["port"]);
}
