import type { types } from "mediasoup";
import type { Codec } from "#shared/api/recording.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";

/** What desktops may send. VP9 profile 0 = 8 bit 4:2:0, the only one that every browser plays. */
export const ROUTER_CODECS: types.RouterRtpCodecCapability[] = [
  { kind: "video", mimeType: "video/VP9", clockRate: 90_000, parameters: { "profile-id": 0 } },
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
  if (mimeType.toLowerCase() === "video/vp9") return "vp9";
  throw new DeskreelError("CODEC_NOT_SUPPORTED", `codec ${mimeType} cannot be recorded yet; video/VP9 can`);
}
