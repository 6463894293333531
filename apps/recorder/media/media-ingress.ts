import type { types } from "mediasoup";
import { CODECS } from "#shared/api/recording.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { MediaIngress, ScreenTrack } from "../capture/ports.ts";
import { codecOf, tapCapabilities } from "./router-codecs.ts";
import { MediasoupScreenTrack } from "./screen-track.ts";

/** One desktop's WebRTC transport; closing it closes its tracks. */
export class MediasoupIngress implements MediaIngress {
  readonly transportId: string;
  readonly iceParameters: Record<string, unknown>;
  readonly iceCandidates: Record<string, unknown>[];
  readonly dtlsParameters: Record<string, unknown>;
  readonly #transport: types.WebRtcTransport;
  readonly #tap: types.DirectTransport;
  readonly #router: types.Router;
  readonly #clock: SteadyClock;
  readonly #log: Log;
  #onLost: (() => void) | null = null;
  #isLost = false;

  constructor(
    transport: types.WebRtcTransport,
    taps: { router: types.Router; tap: types.DirectTransport },
    clock: SteadyClock,
    log: Log,
  ) {
    this.transportId = transport.id;
    this.iceParameters = { ...transport.iceParameters };
    this.iceCandidates = transport.iceCandidates.map((candidate) => ({ ...candidate }));
    this.dtlsParameters = { ...transport.dtlsParameters };
    this.#transport = transport;
    this.#router = taps.router;
    this.#tap = taps.tap;
    this.#clock = clock;
    this.#log = log.child({ transportId: transport.id });
    transport.on("icestatechange", (state) => this.#log.debug({ state }, "ice state changed"));
    transport.on("dtlsstatechange", (state) => this.#log.debug({ state }, "dtls state changed"));
  }

  /** @throws DeskreelError `BAD_DTLS_PARAMETERS` */
  async connect(dtlsParameters: Record<string, unknown>): Promise<void> {
    try {
      await this.#transport.connect({ dtlsParameters: dtlsParameters as unknown as types.DtlsParameters });
    } catch (cause) {
      throw new DeskreelError(
        "BAD_DTLS_PARAMETERS",
        `the transport cannot be connected: ${describeError(cause)}`,
        { cause },
      );
    }
  }

  /** @throws DeskreelError `BAD_RTP_PARAMETERS`, `CODEC_NOT_SUPPORTED` */
  async produce(rtpParameters: Record<string, unknown>): Promise<ScreenTrack> {
    const producer = await this.#createProducer(rtpParameters);
    try {
      const codec = codecOf(producer.rtpParameters);
      const consumer = await this.#tap.consume({
        producerId: producer.id,
        rtpCapabilities: tapCapabilities(this.#router.rtpCapabilities),
        paused: true,
      });
      // Listening comes before the first packet: a producer's stream begins with its only unasked key frame.
      const track = new MediasoupScreenTrack({ producer, consumer, codec }, this.#clock, this.#log);
      await producer.enableTraceEvent(["sr"]);
      await consumer.resume();
      return track;
    } catch (error) {
      producer.close();
      throw error;
    }
  }

  onLost(listener: () => void): void {
    this.#onLost = listener;
    // Its worker may have died between its making and now.
    if (this.#isLost) listener();
  }

  /** Its worker is gone. */
  tellLost(): void {
    this.#isLost = true;
    this.#onLost?.();
  }

  // oxlint-disable-next-line typescript/require-await -- mediasoup closes without waiting
  async [Symbol.asyncDispose](): Promise<void> {
    this.#transport.close();
  }

  async #createProducer(rtpParameters: Record<string, unknown>): Promise<types.Producer> {
    try {
      return await this.#transport.produce({
        kind: "video",
        rtpParameters: rtpParameters as unknown as types.RtpParameters,
      });
    } catch (cause) {
      throw new DeskreelError(
        "BAD_RTP_PARAMETERS",
        `the screen cannot be received: ${describeError(cause)}; the recorder takes video of ${CODECS.join(", ")}`,
        { cause },
      );
    }
  }
}
