import type { SteadyMs } from "#shared/time/units.ts";
import type { JoinedPicture } from "./codecs/picture-codec.ts";
import type { OrderedPacket } from "./rtp-reorderer.ts";

/** A whole encoded picture with its times. */
export interface Picture extends JoinedPicture {
  /** RTP timestamp, 32 bits. */
  timestamp: number;
  /** When its last packet arrived. */
  arrivedAt: SteadyMs;
}

/** What a packet led to; both may be at once, when a one-packet key picture follows a loss. */
export interface Depacketized {
  /** The picture that this packet completed. */
  picture: Picture | null;
  /** Why a picture was lost; told once per stretch. Nothing comes before the next key picture, so one is needed. */
  lost: string | null;
}

/**
 * Joins one codec's packets, which come in order, to pictures. Begins with a key picture, and after a loss again: what
 * comes between is dropped. Never throws, whatever the bytes.
 */
export interface Depacketizer {
  push(ordered: OrderedPacket): Depacketized;
}
