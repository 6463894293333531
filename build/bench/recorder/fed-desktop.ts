import { describeError } from "#shared/runtime/errors.ts";
import { ChannelClient, DISPLAY, type DesktopWho } from "./channel-client.ts";
import type { ScreenTarget } from "./fed-screen.ts";
import type { OpenUplink, Uplink } from "./uplink.ts";

/** A desktop on the real channel whose screen is fed by us. */
export class FedDesktop {
  readonly #client: ChannelClient;
  readonly #uplink: Uplink;
  readonly #transportId: string;
  readonly #onSending: (target: ScreenTarget | null) => void;
  #nextSsrc: number;
  #isSending = false;
  #isConnected = false;

  private constructor(
    client: ChannelClient,
    transport: { id: string; uplink: Uplink },
    firstSsrc: number,
    onSending: (target: ScreenTarget | null) => void,
  ) {
    this.#client = client;
    this.#transportId = transport.id;
    this.#uplink = transport.uplink;
    this.#nextSsrc = firstSsrc;
    this.#onSending = onSending;
  }

  /**
   * Comes online and makes its transport ready, as the real one does.
   *
   * @param firstSsrc - of its first call; each call's is one more.
   * @param onSending - where to send from now on, at each call; null: the call is over.
   * @param onLost - the recorder has ended the connection, and why; what is measured then is worth nothing.
   */
  static async open(
    who: DesktopWho,
    openUplink: OpenUplink,
    firstSsrc: number,
    onSending: (target: ScreenTarget | null) => void,
    onLost: (why: string) => void,
  ): Promise<FedDesktop> {
    let desktop: FedDesktop | null = null;
    const { client } = await ChannelClient.open(who, {
      onCommand: (isStart) => {
        desktop?.command(isStart).catch((error: unknown) => onLost(describeError(error)));
      },
      onLost,
    });
    const remote = await client.ask({ t: "create-transport" }, "transport");
    const uplink = await openUplink(remote);
    desktop = new FedDesktop(client, { id: remote.transportId, uplink }, firstSsrc, onSending);
    return desktop;
  }

  /** `start` comes again whenever the agent's calls change. */
  async command(isStart: boolean): Promise<void> {
    if (isStart === this.#isSending) return;
    this.#isSending = isStart;
    if (!isStart) return this.#onSending(null);
    const transportId = this.#transportId;
    const { dtlsParameters } = this.#uplink;
    if (dtlsParameters !== null && !this.#isConnected)
      await this.#client.ask({ t: "connect-transport", transportId, dtlsParameters }, "ok");
    this.#isConnected = true;
    // ICE and DTLS go on while the stream is agreed upon.
    const connected = this.#uplink.connected();
    const { target, rtpParameters } = await this.#uplink.openStream(this.#nextSsrc++);
    await this.#client.ask({ t: "produce", transportId, display: DISPLAY, rtpParameters }, "produced");
    await connected;
    this.#onSending(target);
  }
}
