import type { EpochMs, SteadyMs } from "#shared/time/units.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { FrameSink, MediaIngress, MediaServer, ScreenTrack } from "../../capture/ports.ts";
import { FrameFeed } from "../frame-feed.ts";
import type { ScriptedSender } from "./scripted-sender.ts";

/** How long everything is under way, either way, on the line that the test does not disturb. */
export const LINE_MS = 10;

/**
 * Decides the fate of a packet: after how many ms it arrives; once for each number, so never for none.
 *
 * @param sequenceNumber - as the sender counts, 16 bits.
 */
export type Line = (sequenceNumber: number) => readonly number[];

const GOOD_LINE: Line = () => [LINE_MS];

/** A producer whose packets come from a {@link ScriptedSender} by a line of the test's choice: all but the network is real. */
export class PlayedTrack implements ScreenTrack {
  readonly producerId: string;
  readonly codec;
  readonly sender: ScriptedSender;
  /** When key frames were asked for. */
  readonly keyFrameRequests: EpochMs[] = [];
  line: Line = GOOD_LINE;
  /** Nothing passes, in either direction. */
  isCut = false;
  /** The desktop sends no more. */
  isUnplugged = false;
  readonly #clock: SteadyClock;
  readonly #feed: FrameFeed;
  #sinks = 0;

  constructor(producerId: string, sender: ScriptedSender, clock: SteadyClock) {
    this.producerId = producerId;
    this.codec = sender.codec;
    this.sender = sender;
    this.#clock = clock;
    this.#feed = new FrameFeed(sender.codec, clock, () => this.#askForKeyFrame(), silentLog());
  }

  /** The sender captures a picture now. */
  show(): void {
    for (const { sequenceNumber, bytes } of this.sender.capture(this.#clock.now())) {
      const arrivals = this.isCut ? [] : this.line(sequenceNumber);
      for (const afterMs of arrivals) setTimeout(() => this.#feed.takePacket(bytes), afterMs);
    }
  }

  /** The sender reports now. */
  report(): void {
    if (this.isUnplugged) return;
    const report = this.sender.report(this.#clock.now());
    if (!this.isCut) setTimeout(() => this.#feed.takeSenderReport(report, 2 * LINE_MS), LINE_MS);
  }

  get isFed(): boolean {
    return this.#sinks > 0;
  }

  addSink(sink: FrameSink): void {
    this.#sinks += 1;
    this.#feed.addSink(sink);
  }

  removeSink(sink: FrameSink): void {
    this.#sinks -= 1;
    this.#feed.removeSink(sink);
  }

  requestKeyFrame(): void {
    this.#feed.requestKeyFrame();
  }

  steadyTimeOf(rtpTicks: number): SteadyMs {
    return this.#feed.steadyTimeOf(rtpTicks);
  }

  get clockSource() {
    return this.#feed.clockSource;
  }

  get missingFrom(): number | null {
    return this.#feed.missingFrom;
  }

  get lastSignAt(): SteadyMs {
    return this.#feed.lastSignAt;
  }

  // oxlint-disable-next-line typescript/require-await -- nothing to wait for
  async [Symbol.asyncDispose](): Promise<void> {
    this.#feed[Symbol.dispose]();
  }

  #askForKeyFrame(): void {
    this.keyFrameRequests.push(this.#clock.now());
    if (!this.isCut) setTimeout(() => this.sender.makeKey(), LINE_MS);
  }
}

/** A media side whose producers play captures; a desktop's next producer gets the sender that was put here. */
export class PlayedMedia implements MediaServer {
  readonly routerRtpCapabilities = {};
  readonly fault = null;
  readonly tracks: PlayedTrack[] = [];
  sender: ScriptedSender | null = null;
  readonly #clock: SteadyClock;
  #ingresses = 0;

  constructor(clock: SteadyClock) {
    this.#clock = clock;
  }

  // oxlint-disable-next-line typescript/require-await -- nothing to wait for
  async createIngress(): Promise<MediaIngress> {
    this.#ingresses += 1;
    return {
      transportId: `T${this.#ingresses}`,
      iceParameters: {},
      iceCandidates: [],
      dtlsParameters: {},
      connect: () => Promise.resolve(),
      produce: () => {
        if (this.sender === null) throw new Error("there is no sender");
        const track = new PlayedTrack(`P${this.tracks.length + 1}`, this.sender, this.#clock);
        this.tracks.push(track);
        return Promise.resolve(track);
      },
      onLost() {},
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
