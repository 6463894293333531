import type { Device, types } from "mediasoup-client";
import type { CapturePolicy, Display, PRODUCER_ENDS } from "#shared/protocol/messages.ts";
import { chooseCodec, isMimeTypeOf, scalabilityModeOf } from "../domain/sent-codec.ts";
import { ask } from "./bridge.ts";
import { openScreen, pictureConstraints } from "./screen-source.ts";
import { type LivePicture, withoutRepetition } from "./still-picture.ts";
import type { ScreenAppData } from "./send-transport.ts";

/** How long the stream in another codec may take to its first picture, until which the one before it goes on. */
const FIRST_PICTURE_WITHIN_MS = 3_000;
const LOOK_FOR_PICTURE_EVERY_MS = 50;

/** Why a display is sent no more. */
type SendEnd = (typeof PRODUCER_ENDS)[number];

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
  /** The screen's own, at its full rate; what is sent of it is `#picture`. */
  #track: MediaStreamTrack | null = null;
  #picture: LivePicture | null = null;
  #producer: types.Producer | null = null;
  /** The one that it takes the place of, until it has pictures. */
  #outgoing: types.Producer | null = null;
  /** The codec in use. */
  #mimeType: string | null = null;
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

  /** Somebody waits for a key frame: the next frame is sent although nothing has changed. */
  refresh(): void {
    this.#picture?.refresh();
  }

  /** Opens the picture if it is not open, and sends it. Without effect while it is being sent. */
  async send(transport: types.Transport, device: Device, policy: CapturePolicy): Promise<void> {
    if (this.isSending) return;
    const atFirst = this.#settings;
    const picture = await this.#openPicture(atFirst);
    if (this.#isClosed || picture === null) return;
    await this.#produce(transport, picture, codecToSend(device, policy));
    // What was set meanwhile found nothing to change.
    await this.#adjust(atFirst);
  }

  /**
   * Goes on in the codec that the policy wants now, if that is another one: as a stream of its own, because a track has one
   * codec. The one before it ends once this one has pictures.
   */
  async recode(transport: types.Transport, device: Device, policy: CapturePolicy): Promise<void> {
    const [picture, before] = [this.#picture, this.#producer];
    if (picture === null || before === null || !this.isSending) return;
    const wanted = codecToSend(device, policy);
    if (wanted.codec.mimeType === this.#mimeType) return;
    this.#outgoing = before;
    try {
      await this.#produce(transport, picture, wanted);
      const producer = this.#producer;
      const until = performance.now() + FIRST_PICTURE_WITHIN_MS;
      while (this.#outgoing === before && performance.now() < until && !(await hasPictures(producer)))
        await new Promise((resolve) => setTimeout(resolve, LOOK_FOR_PICTURE_EVERY_MS));
      if (this.#outgoing === before) this.#end(before, "monitor-off");
    } finally {
      this.#outgoing = null;
    }
  }

  async #produce(
    transport: types.Transport,
    picture: LivePicture,
    { codec, scalabilityMode }: CodecToSend,
  ): Promise<void> {
    const { maxBitrateKbps } = this.#settings;
    const producer = await transport.produce({
      track: picture.track,
      codec,
      encodings: [{ maxBitrate: maxBitrateKbps * 1_000, scalabilityMode }],
      // The first key frame has hundreds of kilobytes: at WebRTC's usual 300 kbit/s it would take seconds.
      codecOptions: { videoGoogleStartBitrate: maxBitrateKbps },
      stopTracks: false,
      appData: { display: this.display } satisfies ScreenAppData as unknown as types.AppData,
    });
    if (this.#isClosed) {
      this.#end(producer, "stopped");
      return;
    }
    producer.on("transportclose", () => {
      if (this.#producer === producer) this.#onLost();
    });
    picture.refresh();
    this.#producer = producer;
    this.#mimeType = codec.mimeType;
  }

  /** Ends the picture at once, and tells the recorder. */
  close(reason: SendEnd): void {
    this.#isClosed = true;
    this.#track?.stop();
    this.#picture?.track.stop();
    this.#track = null;
    this.#picture = null;
    const [producer, outgoing] = [this.#producer, this.#outgoing];
    this.#producer = null;
    this.#outgoing = null;
    if (outgoing !== producer) this.#end(outgoing, reason);
    this.#end(producer, reason);
  }

  #end(producer: types.Producer | null, reason: SendEnd): void {
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

  /** @returns null when it is not wanted any more meanwhile. */
  async #openPicture({ framesPerSecond }: SendSettings): Promise<LivePicture | null> {
    if (this.#picture !== null) return this.#picture;
    const track = await openScreen(this.display, framesPerSecond);
    if (this.#isClosed) {
      track.stop();
      return null;
    }
    const lost = () => {
      if (this.#track !== track) return;
      track.stop();
      this.#picture?.track.stop();
      this.#track = null;
      this.#picture = null;
      this.#producer?.close();
      this.#onLost();
    };
    track.addEventListener("ended", lost);
    this.#track = track;
    this.#picture = withoutRepetition(track, lost);
    return this.#picture;
  }

  async #tell(producerId: string, reason: SendEnd): Promise<void> {
    // Without a connection the recorder notices by the silence.
    await ask({ t: "close-producer", producerId, reason }).catch(() => {});
  }
}

interface CodecToSend {
  codec: types.RtpCodecCapability;
  scalabilityMode: string;
}

/** Whether the encoder has given any picture yet. */
async function hasPictures(producer: types.Producer | null): Promise<boolean> {
  if (producer === null || producer.closed) return false;
  const stats = [...(await producer.getStats()).values()] as RTCOutboundRtpStreamStats[];
  return stats.some((entry) => entry.type === "outbound-rtp" && (entry.framesEncoded ?? 0) > 0);
}

/** The policy's first codec that this device can send to this recorder. @throws when there is none. */
function codecToSend(device: Device, policy: CapturePolicy): CodecToSend {
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
