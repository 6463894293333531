import type { Device, types } from "mediasoup-client";
import type { CapturePolicy, Display } from "#shared/protocol/messages.ts";
import { chooseCodec, isMimeTypeOf, scalabilityModeOf } from "../domain/sent-codec.ts";
import { ask } from "./bridge.ts";
import { openScreen } from "./screen-source.ts";
import type { ScreenAppData } from "./send-transport.ts";

/** Why a display is sent no more. */
type SendEnd = "monitor-off" | "stopped" | "session-locked";

/** One display on its way to the recorder; the picture may outlive the producer (a new transport takes it over). */
export class ScreenSender {
  readonly display: Display;
  readonly #onLost: () => void;
  #track: MediaStreamTrack | null = null;
  #producer: types.Producer | null = null;
  #isClosed = false;

  /** @param onLost - the system ended the picture, or the producer broke; send again. */
  constructor(display: Display, onLost: () => void) {
    this.display = display;
    this.#onLost = onLost;
  }

  get isSending(): boolean {
    return this.#producer !== null && !this.#producer.closed;
  }

  get producer(): types.Producer | null {
    return this.#producer;
  }

  /** Opens the picture if it is not open, and sends it. Without effect while it is being sent. */
  async send(transport: types.Transport, device: Device, policy: CapturePolicy): Promise<void> {
    if (this.isSending) return;
    const track = await this.#openTrack(policy);
    if (this.#isClosed) return;
    const { codec, scalabilityMode } = codecToSend(device, policy);
    const producer = await transport.produce({
      track,
      codec,
      encodings: [{ maxBitrate: policy.maxBitrateKbps * 1_000, scalabilityMode }],
      // The first key frame has hundreds of kilobytes: at WebRTC's usual 300 kbit/s it would take seconds.
      codecOptions: { videoGoogleStartBitrate: policy.maxBitrateKbps },
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

  async #openTrack(policy: CapturePolicy): Promise<MediaStreamTrack> {
    if (this.#track !== null) return this.#track;
    const track = await openScreen(this.display, policy.framesPerSecond);
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
