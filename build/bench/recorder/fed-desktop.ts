import { ChannelClient, DISPLAY, type DesktopWho } from "./channel-client.ts";
import type { CorpusCodec } from "./corpus.ts";
import type { ScreenTarget } from "./fed-screen.ts";

/** Of a screen's stream, as both ends call it. */
const PAYLOAD_TYPE = 96;

/** Codec and its parameters, as mediasoup's router knows them. */
const CODEC_PARAMETERS: Record<CorpusCodec, { mimeType: string; parameters: object }> = {
  vp9: { mimeType: "video/VP9", parameters: { "profile-id": 0 } },
  h264: {
    mimeType: "video/H264",
    parameters: { "packetization-mode": 1, "profile-level-id": "42e01f", "level-asymmetry-allowed": 1 },
  },
};

/** What a sender tells mediasoup of its stream. */
function rtpParametersOf(codec: CorpusCodec, ssrc: number): Record<string, unknown> {
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

/** A desktop on the real channel whose screen is fed by us, to a PlainTransport. */
export class FedDesktop {
  readonly #client: ChannelClient;
  readonly #transport: { id: string; port: number };
  readonly #stream: { codec: CorpusCodec; ssrc: number };
  readonly #onSending: (target: ScreenTarget | null) => void;
  #isSending = false;

  private constructor(
    client: ChannelClient,
    transport: { id: string; port: number },
    stream: { codec: CorpusCodec; ssrc: number },
    onSending: (target: ScreenTarget | null) => void,
  ) {
    this.#client = client;
    this.#transport = transport;
    this.#stream = stream;
    this.#onSending = onSending;
  }

  /**
   * Comes online and makes its transport ready, as the real one does.
   *
   * @param onSending - where to send from now on, at each call; null: the call is over.
   */
  static async open(
    who: DesktopWho,
    stream: { codec: CorpusCodec; ssrc: number },
    onSending: (target: ScreenTarget | null) => void,
  ): Promise<FedDesktop> {
    let desktop: FedDesktop | null = null;
    const { client } = await ChannelClient.open(who, (isStart) => void desktop?.command(isStart));
    const { transportId, iceCandidates } = await client.ask({ t: "create-transport" }, "transport");
    const port = Number(iceCandidates[0]?.["port"]);
    desktop = new FedDesktop(client, { id: transportId, port }, stream, onSending);
    return desktop;
  }

  /** `start` comes again whenever the agent's calls change. */
  async command(isStart: boolean): Promise<void> {
    if (isStart === this.#isSending) return;
    this.#isSending = isStart;
    if (!isStart) return this.#onSending(null);
    const { codec, ssrc } = this.#stream;
    await this.#client.ask(
      {
        t: "produce",
        transportId: this.#transport.id,
        display: DISPLAY,
        rtpParameters: rtpParametersOf(codec, ssrc),
      },
      "produced",
    );
    this.#onSending({ port: this.#transport.port, payloadType: PAYLOAD_TYPE, ssrc, sendsReports: true });
  }

  close(): void {
    this.#client.close();
  }
}
