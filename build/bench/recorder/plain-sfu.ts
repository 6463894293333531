import { createWorker, type types } from "mediasoup";
import type { CorpusCodec } from "./corpus.ts";
import type { ScreenTarget } from "./fed-screen.ts";
import { CODEC_PARAMETERS, PAYLOAD_TYPE, rtpParametersOf } from "./stream-parameters.ts";

const LOOPBACK = { protocol: "udp", ip: "127.0.0.1" } as const;

/** Where a screen leaves the worker again, as RTP on loopback. */
export interface ForwardedScreen {
  /** Where the feeder is to send. */
  target: ScreenTarget;
  /** What arrives at the other end. */
  payloadType: number;
}

/** A mediasoup worker that passes screens on as plain RTP, as one is set up who records with other programs. */
export class PlainSfu implements AsyncDisposable {
  readonly #worker: types.Worker;
  readonly #router: types.Router;
  readonly #codec: CorpusCodec;

  private constructor(worker: types.Worker, router: types.Router, codec: CorpusCodec) {
    this.#worker = worker;
    this.#router = router;
    this.#codec = codec;
  }

  static async start(codec: CorpusCodec): Promise<PlainSfu> {
    const worker = await createWorker({ logLevel: "error" });
    const router = await worker.createRouter({
      mediaCodecs: [{ kind: "video", clockRate: 90_000, ...CODEC_PARAMETERS[codec] }],
    });
    return new PlainSfu(worker, router, codec);
  }

  get workerPid(): number {
    return this.#worker.pid;
  }

  /** @param port - of loopback, where its packets are to go; RTCP goes to the next one. */
  async forward(ssrc: number, port: number): Promise<ForwardedScreen> {
    const { codecs = [] } = this.#router.rtpCapabilities;
    const options = { listenInfo: LOOPBACK, rtcpMux: true, comedia: true };
    const ingress = await this.#router.createPlainTransport(options);
    const producer = await ingress.produce({
      kind: "video",
      rtpParameters: rtpParametersOf(this.#codec, ssrc) as unknown as types.RtpParameters,
    });
    const egress = await this.#router.createPlainTransport({ listenInfo: LOOPBACK, rtcpMux: false });
    await egress.connect({ ip: "127.0.0.1", port, rtcpPort: port + 1 });
    const consumer = await egress.consume({
      producerId: producer.id,
      // What cannot ask for packets again is not offered it.
      rtpCapabilities: {
        codecs: codecs.filter(({ mimeType }) => !/\/rtx$/i.test(mimeType)),
        headerExtensions: [],
      },
    });
    return {
      target: {
        port: ingress.tuple.localPort,
        payloadType: PAYLOAD_TYPE,
        ssrc,
        sendsReports: true,
      },
      payloadType: consumer.rtpParameters.codecs[0]?.payloadType ?? PAYLOAD_TYPE,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    this.#worker.once("subprocessclose", resolve);
    this.#worker.close();
    await gone;
  }
}
