import type { PictureParts } from "./picture-parts.ts";

/**
 * Where in its picture a packet stands, as far as its payload tells:
 * - `first`: nothing of its picture comes before it
 * - `first-of-key`: what a key picture needs begins here, though something may come before it
 * - `later`: something of its picture comes before it
 * - `unknown`: only the packet before it can tell
 */
export type Place = "first" | "first-of-key" | "later" | "unknown";

/** A whole picture as Matroska stores it. */
export interface JoinedPicture {
  data: Uint8Array;
  key: boolean;
  /** Pixels; on key pictures. */
  size: { width: number; height: number } | null;
  /** What a decoder needs before it (avcC, av1C); on key pictures of H264 and AV1. */
  codecPrivate: Uint8Array | null;
}

/** What differs between codecs when packets become pictures; one for each stream. Never throws, whatever the bytes. */
export interface PictureCodec {
  place(payload: Uint8Array): Place;
  /**
   * Adds a packet's share to the picture; views into `payload` are kept until the picture is joined.
   *
   * @param isLast - the packet has the marker bit.
   * @returns what is wrong with it, as a sentence about the picture; null when nothing is.
   */
  take(payload: Uint8Array, isLast: boolean, parts: PictureParts): string | null;
  /** @returns what is wrong with the picture instead of the picture. */
  join(parts: PictureParts): JoinedPicture | string;
}
