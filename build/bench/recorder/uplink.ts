import type { RecorderMessageOf } from "#shared/protocol/messages.ts";
import type { CorpusCodec } from "./corpus.ts";
import type { ScreenTarget } from "./fed-screen.ts";
import { PAYLOAD_TYPE, rtpParametersOf } from "./stream-parameters.ts";

/** One call's stream on its way to the recorder. */
export interface UplinkStream {
  /** Where the feeder sends it. */
  target: ScreenTarget;
  /** What the recorder is told of it. */
  rtpParameters: Record<string, unknown>;
}

/** How a desktop's packets get to the recorder: its end of the transport. */
export interface Uplink {
  /** What `connect-transport` is to tell; null: nothing has to be told. */
  readonly dtlsParameters: Record<string, unknown> | null;
  openStream(ssrc: number): Promise<UplinkStream>;
  /** Resolves when packets get through; begins with it at the first time. */
  connected(): Promise<void>;
}

/** What the recorder says of its end. */
export type RemoteTransport = Omit<RecorderMessageOf<"transport">, "t" | "id">;

/** Opens a desktop's end of a transport. */
export type OpenUplink = (remote: RemoteTransport) => Promise<Uplink>;

/** Plain RTP to the recorder's PlainTransport (`recorder-hooks.ts`). */
export function plainUplinks(codec: CorpusCodec): OpenUplink {
  return async ({ iceCandidates }) => {
    const port = Number(iceCandidates[0]?.["port"]);
    return {
      dtlsParameters: null,
      openStream: async (ssrc) => ({
        target: { port, payloadType: PAYLOAD_TYPE, ssrc, sendsReports: true },
        rtpParameters: rtpParametersOf(codec, ssrc),
      }),
      connected: async () => {},
    };
  };
}
