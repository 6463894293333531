import type { SteadyMs } from "#shared/time/units.ts";
import type { EncodedFrame, FrameSink, MediaIngress, MediaServer, ScreenTrack } from "../ports.ts";

/** A live stream whose packets are the test's calls. */
export class FakeStream implements ScreenTrack {
  readonly codec = "vp9";
  readonly producerId: string;
  readonly sinks = new Set<FrameSink>();
  lastSignAt: SteadyMs;
  missingFrom: number | null = null;
  keyFrameRequests = 0;
  isClosed = false;

  constructor(producerId: string, now: SteadyMs) {
    this.producerId = producerId;
    this.lastSignAt = now;
  }

  addSink(sink: FrameSink): void {
    this.sinks.add(sink);
  }

  removeSink(sink: FrameSink): void {
    this.sinks.delete(sink);
  }

  requestKeyFrame(): void {
    this.keyFrameRequests += 1;
  }

  steadyTimeOf(rtpTicks: number): SteadyMs {
    return rtpTicks / 90;
  }

  /** Pictures are lost from that time on. */
  lose(from: SteadyMs): void {
    this.missingFrom = from * 90;
  }

  /** A key picture comes in. */
  show(arrivedAt: SteadyMs): void {
    this.lastSignAt = arrivedAt;
    const lostFrom = this.missingFrom;
    this.missingFrom = null;
    const frame: EncodedFrame = {
      ...{ data: Uint8Array.of(1), key: true, rtpTicks: arrivedAt * 90, arrivedAt },
      ...(lostFrom !== null && { lostFrom }),
    };
    for (const sink of this.sinks) sink.push(frame);
  }

  // oxlint-disable-next-line typescript/require-await -- nothing to wait for in a fake
  async [Symbol.asyncDispose](): Promise<void> {
    this.isClosed = true;
    this.sinks.clear();
  }
}

/** A media side without any network; ids count up. */
export class FakeMedia implements MediaServer {
  readonly routerRtpCapabilities = { codecs: [] };
  readonly streams: FakeStream[] = [];
  readonly openTransports = new Set<string>();
  readonly fault = null;
  readonly #losses: (() => void)[] = [];
  readonly #now: () => SteadyMs;
  #made = 0;

  constructor(now: () => SteadyMs) {
    this.#now = now;
  }

  /** The worker of every transport so far dies. */
  loseWorkers(): void {
    for (const lost of this.#losses.splice(0)) lost();
  }

  // oxlint-disable-next-line typescript/require-await -- nothing to wait for in a fake
  async createIngress(): Promise<MediaIngress> {
    const transportId = `T${++this.#made}`;
    this.openTransports.add(transportId);
    return {
      transportId,
      iceParameters: {},
      iceCandidates: [],
      dtlsParameters: {},
      connect: () => Promise.resolve(),
      produce: () => {
        const stream = new FakeStream(`P${this.streams.length + 1}`, this.#now());
        this.streams.push(stream);
        return Promise.resolve(stream);
      },
      onLost: (listener) => void this.#losses.push(listener),
      [Symbol.asyncDispose]: () => {
        this.openTransports.delete(transportId);
        return Promise.resolve();
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
