import type { Device, types } from "mediasoup-client";
import type { CapturePolicy, Display } from "#shared/protocol/messages.ts";
import { chooseCodec, isMimeTypeOf, scalabilityModeOf } from "../domain/sent-codec.ts";
import { ask } from "./bridge.ts";
import { openScreen, pictureConstraints } from "./screen-source.ts";
import type { ScreenAppData } from "./send-transport.ts";

/** Why a display is sent no more. */
type SendEnd = "monitor-off" | "stopped" | "session-locked";

/** What may be sent of one display now. */
export interface SendSettings {
  framesPerSecond: number;
  maxBitrateKbps: number;
}

/** One display on its way to the recorder; the picture may outlive the producer (a new transport takes it over). */
export class ScreenSender {
  /** As it is now; its size may change. */
  display: Display;
  readonly #onLost: () => void;
  #settings: SendSettings;
  #track: MediaStreamTrack | null = null;
  #producer: types.Producer | null = null;
  #isClosed = false;
  /** Changes of what is under way, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  /** @param onLost - the system ended the picture, or the producer broke; send again. */
  constructor(display: Display, settings: SendSettings, onLost: () => void) {
    this.display = display;
    this.#settings = settings;
    this.#onLost = onLost;
  }

  get isSending(): boolean {
    return this.#producer !== null && !this.#producer.closed;
  }

  get producer(): types.Producer | null {
    return this.#producer;
  }

  /**
   * From now on frame rate and bitrate are these, of what is sent already without a gap in it. The one place that sets
   * them: cheap, and without effect when nothing changes.
   *
   * @throws when the system refuses.
   */
  apply(settings: SendSettings): Promise<void> {
    const before = this.#settings;
    const { framesPerSecond, maxBitrateKbps } = settings;
    if (before.framesPerSecond === framesPerSecond && before.maxBitrateKbps === maxBitrateKbps)
      return this.#turn;
    this.#settings = { framesPerSecond, maxBitrateKbps };
    const applied = this.#turn.then(() => this.#adjust(before));
    this.#turn = applied.catch(() => {});
    return applied;
  }

  /** Opens the picture if it is not open, and sends it. Without effect while it is being sent. */
  async send(transport: types.Transport, device: Device, policy: CapturePolicy): Promise<void> {
    if (this.isSending) return;
    const atFirst = this.#settings;
    const track = await this.#openTrack(atFirst);
    if (this.#isClosed) return;
    const { codec, scalabilityMode } = codecToSend(device, policy);
    const { maxBitrateKbps } = atFirst;
    const producer = await transport.produce({
      track,
      codec,
      encodings: [{ maxBitrate: maxBitrateKbps * 1_000, scalabilityMode }],
      // The first key frame has hundreds of kilobytes: at WebRTC's usual 300 kbit/s it would take seconds.
      codecOptions: { videoGoogleStartBitrate: maxBitrateKbps },
      stopTracks: false,
      appData: { display: this.display } satisfies ScreenAppData as unknown as types.AppData,
    });
    if (this.#isClosed) {
      producer.close();
      void this.#tell(producer.id, "stopped");
      return;
    }
    producer.on("transportclose", () => this.#onLost());
    this.#producer = producer;
    // What was set meanwhile found nothing to change.
    await this.#adjust(atFirst);
  }

  /** Ends the picture at once, and tells the recorder. */
  close(reason: SendEnd): void {
    this.#isClosed = true;
    this.#track?.stop();
    this.#track = null;
    const producer = this.#producer;
    this.#producer = null;
    if (producer === null || producer.closed) return;
    producer.close();
    void this.#tell(producer.id, reason);
  }

  /** Brings what is open from the settings that it has to those that hold now. */
  async #adjust(before: SendSettings): Promise<void> {
    const { framesPerSecond, maxBitrateKbps } = this.#settings;
    if (this.#track !== null && before.framesPerSecond !== framesPerSecond)
      await this.#track.applyConstraints(pictureConstraints(framesPerSecond));
    const sender = this.isSending ? this.#producer?.rtpSender : undefined;
    if (sender === undefined || before.maxBitrateKbps === maxBitrateKbps) return;
    // Not by mediasoup-client, which would negotiate anew each time.
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) encoding.maxBitrate = maxBitrateKbps * 1_000;
    await sender.setParameters(parameters);
  }

  async #openTrack({ framesPerSecond }: SendSettings): Promise<MediaStreamTrack> {
    if (this.#track !== null) return this.#track;
    const track = await openScreen(this.display, framesPerSecond);
    if (this.#isClosed) {
      track.stop();
      return track;
    }
    track.addEventListener("ended", () => {
      this.#track = null;
      this.#producer?.close();
      this.#onLost();
    });
    this.#track = track;
    return track;
  }

  async #tell(producerId: string, reason: SendEnd): Promise<void> {
    // Without a connection the recorder notices by the silence.
    await ask({ t: "close-producer", producerId, reason }).catch(() => {});
  }
}

/** The policy's first codec that this device can send to this recorder. @throws when there is none. */
function codecToSend(
  device: Device,
  policy: CapturePolicy,
): { codec: types.RtpCodecCapability; scalabilityMode: string } {
  const codecs = device.sendRtpCapabilities.codecs ?? [];
  const name = chooseCodec(
    policy.codecs,
    codecs.map(({ mimeType }) => mimeType),
  );
  const codec = codecs.find(({ mimeType }) => name !== null && isMimeTypeOf(name, mimeType));
  if (name === null || codec === undefined) {
    throw new Error(`none of ${policy.codecs.join(", ")} can be sent from here`);
  }
  return { codec, scalabilityMode: scalabilityModeOf(name) };
}
