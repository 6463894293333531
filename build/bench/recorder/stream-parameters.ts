import type { CorpusCodec } from "./corpus.ts";

/** What a fed screen's packets are called. */
export const PAYLOAD_TYPE = 96;

/** Codec and its parameters, as mediasoup's router knows them. */
export const CODEC_PARAMETERS: Record<
  CorpusCodec,
  { mimeType: string; parameters: Record<string, unknown> }
> = {
  vp9: { mimeType: "video/VP9", parameters: { "profile-id": 0 } },
  h264: {
    mimeType: "video/H264",
    parameters: { "packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1 },
  },
};

/** What a sender tells mediasoup of its stream. */
export function rtpParametersOf(codec: CorpusCodec, ssrc: number): Record<string, unknown> {
  const rtcpFeedback = [
    { type: "nack", parameter: "" },
    { type: "nack", parameter: "pli" },
    { type: "ccm", parameter: "fir" },
  ];
  const { mimeType, parameters } = CODEC_PARAMETERS[codec];
  return {
    codecs: [{ mimeType, payloadType: PAYLOAD_TYPE, clockRate: 90_000, parameters, rtcpFeedback }],
    encodings: [{ ssrc }],
    headerExtensions: [],
    rtcp: { cname: `bench-${ssrc}`, reducedSize: true },
  };
}
