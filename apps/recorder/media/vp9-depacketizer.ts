import type { EpochMs } from "#shared/time/units.ts";
import type { Depacketized, Depacketizer, Picture } from "./depacketizer.ts";
import type { RtpPacket } from "./rtp-packet.ts";
import type { OrderedPacket } from "./rtp-reorderer.ts";
import { parseVp9FrameHeader } from "./vp9-frame-header.ts";
import { parseVp9Payload } from "./vp9-payload.ts";

/** VP9 over RTP (RFC 9628), one spatial layer. */
export class Vp9Depacketizer implements Depacketizer {
  /** The open picture; `skip` = its remaining packets are of no use. */
  #open: { timestamp: number; parts: Uint8Array[] } | "none" | "skip" = "none";
  #awaitsKey = true;
  #lost: string | null = null;

  push({ packet, arrivedAt, afterLoss }: OrderedPacket): Depacketized {
    this.#lost = null;
    if (afterLoss) this.#drop("packets are missing");
    const picture = this.#take(packet, arrivedAt);
    return { picture, lost: this.#lost };
  }

  #take(packet: RtpPacket, arrivedAt: EpochMs): Picture | null {
    // Padding only, for bandwidth probing.
    if (packet.payload.byteLength === 0) return null;
    const payload = parseVp9Payload(packet.payload);
    if (payload === null) return this.#drop("a payload descriptor is malformed");
    if (payload.spatialLayer > 0) return this.#drop("it has more than one spatial layer");

    if (payload.startsFrame) {
      if (typeof this.#open === "object") this.#drop("its end is missing");
      this.#open = { timestamp: packet.timestamp, parts: [] };
    } else if (this.#open === "skip") {
      return null;
    } else if (this.#open === "none") {
      return this.#drop("its beginning is missing");
    } else if (packet.timestamp !== this.#open.timestamp) {
      return this.#drop("its end is missing");
    }
    this.#open.parts.push(payload.data);
    if (!packet.marker) return null;
    if (!payload.endsFrame) return this.#drop("it is marked as complete before its last packet");
    return this.#complete(this.#open.timestamp, concatenate(this.#open.parts), arrivedAt);
  }

  #complete(timestamp: number, data: Uint8Array, arrivedAt: EpochMs): Picture | null {
    const header = parseVp9FrameHeader(data);
    if (header === null) return this.#drop("its frame header is malformed");
    this.#open = "none";
    if (!header.key && this.#awaitsKey) return null;
    this.#awaitsKey = false;
    const size = header.key ? { width: header.width, height: header.height } : null;
    return { data, key: header.key, timestamp, arrivedAt, size };
  }

  #drop(reason: string): null {
    this.#open = "skip";
    this.#awaitsKey = true;
    this.#lost = reason;
    return null;
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
