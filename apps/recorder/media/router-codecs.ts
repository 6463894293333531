import type { types } from "mediasoup";
import { type Codec, CODECS } from "#shared/api/recording.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";

/** What desktops may send. Each desktop chooses one by the policy's order, so the order here says nothing. */
export const ROUTER_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: "video", mimeType: "video/AV1", clockRate: 90_000, parameters: {} },
  // Profile 0 = 8 bit 4:2:0, the only one that every browser plays.
  { kind: "video", mimeType: "video/VP9", clockRate: 90_000, parameters: { "profile-id": 0 } },
  {
    kind: "video",
    mimeType: "video/H264",
    clockRate: 90_000,
    // Constrained Baseline, which every Chromium that has an H264 encoder at all offers, in fragments (FU-A).
    parameters: { "packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1 },
  },
  { kind: "video", mimeType: "video/VP8", clockRate: 90_000, parameters: {} },
];

/**
 * What the recorder's own consumer is able to receive: the router's codecs without retransmission (the tap loses nothing),
 * and without header extensions, which would only have to be skipped.
 */
export function tapCapabilities(router: types.RtpCapabilities): types.RtpCapabilities {
  const codecs = (router.codecs ?? []).filter((codec) => !/\/rtx$/i.test(codec.mimeType));
  const useful = (feedback: types.RtcpFeedback) => feedback.type === "nack" || feedback.type === "ccm";
  return {
    codecs: codecs.map((codec) => ({ ...codec, rtcpFeedback: (codec.rtcpFeedback ?? []).filter(useful) })),
    headerExtensions: [],
  };
}

/** @throws DeskreelError `CODEC_NOT_SUPPORTED` */
export function codecOf(rtpParameters: types.RtpParameters): Codec {
  const mimeType = rtpParameters.codecs[0]?.mimeType ?? "(none)";
  const codec = CODECS.find((name) => mimeType.toLowerCase() === `video/${name}`);
  if (codec !== undefined) return codec;
  throw new DeskreelError(
    "CODEC_NOT_SUPPORTED",
    `codec ${mimeType} cannot be recorded; ${CODECS.join(", ")} can`,
  );
}
