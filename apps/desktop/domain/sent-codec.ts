import type { Codec } from "#shared/api/recording.ts";

/**
 * The first codec of the policy that can be sent from here.
 *
 * @param order - of preference, the policy's.
 * @param sendable - MIME types that this device can encode and the recorder takes ("video/AV1").
 * @returns null when there is none.
 */
export function chooseCodec(order: readonly Codec[], sendable: readonly string[]): Codec | null {
  return order.find((codec) => sendable.some((mimeType) => isMimeTypeOf(codec, mimeType))) ?? null;
}

/** Whether "video/VP9" is what a codec is called; case does not count. */
export function isMimeTypeOf(codec: Codec, mimeType: string): boolean {
  return mimeType.toLowerCase() === `video/${codec}`;
}

/**
 * One spatial layer for all. AV1 has temporal layers, because only with them Chromium describes its frames to mediasoup,
 * which otherwise never sees a key frame.
 */
export function scalabilityModeOf(codec: Codec): "L1T1" | "L1T3" {
  return codec === "av1" ? "L1T3" : "L1T1";
}
