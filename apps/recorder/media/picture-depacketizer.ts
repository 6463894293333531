import type { Codec } from "#shared/api/recording.ts";
import type { SteadyMs } from "#shared/time/units.ts";
import { Av1Codec } from "./codecs/av1.ts";
import { H264Codec } from "./codecs/h264.ts";
import type { PictureCodec } from "./codecs/picture-codec.ts";
import { PictureParts } from "./codecs/picture-parts.ts";
import { Vp8Codec } from "./codecs/vp8.ts";
import { Vp9Codec } from "./codecs/vp9.ts";
import type { Depacketized, Depacketizer, Picture } from "./depacketizer.ts";
import type { RtpPacket } from "./rtp-packet.ts";
import type { OrderedPacket } from "./rtp-reorderer.ts";

const CODECS: Record<Codec, new () => PictureCodec> = {
  av1: Av1Codec,
  vp9: Vp9Codec,
  h264: H264Codec,
  vp8: Vp8Codec,
};

/** What most packets lead to. */
const NOTHING: Depacketized = Object.freeze({ picture: null, lost: null });

/** Makes what knows a codec's pictures, for one stream. */
export function createPictureCodec(codec: Codec): PictureCodec {
  return new CODECS[codec]();
}

/** Makes the depacketizer of one stream. */
export function createDepacketizer(codec: Codec): Depacketizer {
  return new PictureDepacketizer(createPictureCodec(codec));
}

class PictureDepacketizer implements Depacketizer {
  readonly #codec: PictureCodec;
  readonly #parts = new PictureParts();
  /**
   * - `between`: the next packet begins a picture
   * - `open`: the next one belongs to the picture of `#timestamp`
   * - `lost`: where the next one belongs is known only if it says so itself
   */
  #state: "between" | "open" | "lost" = "between";
  #timestamp = 0;
  #awaitsKey = true;
  #lost: string | null = null;

  constructor(codec: PictureCodec) {
    this.#codec = codec;
  }

  push({ packet, arrivedAt, afterLoss }: OrderedPacket): Depacketized {
    this.#lost = null;
    if (afterLoss) this.#lose("packets are missing");
    // An empty payload is padding, for bandwidth probing.
    const picture = packet.payload.byteLength === 0 ? null : this.#take(packet, arrivedAt);
    return picture === null && this.#lost === null ? NOTHING : { picture, lost: this.#lost };
  }

  #take(packet: RtpPacket, arrivedAt: SteadyMs): Picture | null {
    if (this.#belongs(packet)) {
      const fault = this.#codec.take(packet.payload, packet.marker, this.#parts);
      if (fault !== null) this.#lose(fault);
    }
    if (!packet.marker) return null;
    const picture = this.#state === "open" ? this.#join(arrivedAt) : null;
    this.#parts.clear();
    this.#state = "between";
    return picture;
  }

  /** Whether the packet belongs to the open picture, which it may have begun. */
  #belongs({ payload, timestamp }: RtpPacket): boolean {
    const place = this.#codec.place(payload);
    const isNext = this.#state === "open" && timestamp === this.#timestamp;
    if (isNext && place !== "first") return true;
    const isContiguous = this.#state !== "lost";
    if (this.#state === "open") this.#lose("its end is missing");
    // Without a loss the packet after a picture begins one, unless it says that it does not.
    const begins = place === "first" || place === "first-of-key" || (isContiguous && place === "unknown");
    if (!begins) {
      if (isContiguous) this.#lose("its beginning is missing");
      return false;
    }
    this.#state = "open";
    this.#timestamp = timestamp;
    return true;
  }

  #join(arrivedAt: SteadyMs): Picture | null {
    const joined = this.#codec.join(this.#parts);
    if (typeof joined === "string") {
      this.#lose(joined);
      return null;
    }
    if (!joined.key && this.#awaitsKey) return null;
    this.#awaitsKey = false;
    return { ...joined, timestamp: this.#timestamp, arrivedAt };
  }

  #lose(reason: string): void {
    this.#parts.clear();
    this.#state = "lost";
    this.#awaitsKey = true;
    this.#lost = reason;
  }
}
