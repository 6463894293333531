import type { Device, types } from "mediasoup-client";
import type { CapturePolicy, Display } from "#shared/protocol/messages.ts";
import type { HiddenDisplays, PageStatus } from "../ipc-contract.ts";
import { ask } from "./bridge.ts";
import { type SentBytes, readFigures } from "./figures.ts";
import { PathWatch } from "./path-watch.ts";
import { ScreenSender, type SendSettings } from "./screen-sender.ts";
import { loadDevice, type OfferedTransport, offerTransport, openSendTransport } from "./send-transport.ts";

/** How long after a failure the missing displays are tried again. */
const RETRY_AFTER_MS = 1_000;
/** How long after a call its transport is kept for the next one. */
const RESTS_AFTER_MS = 10_000;

/**
 * Sends the displays that are wanted, whatever breaks: a lost picture, producer or transport is replaced. The device and the
 * recorder's end of a transport are made ready at each connection, so that a ringing call finds them.
 */
export class CaptureSession {
  #policy: CapturePolicy | null = null;
  #device: Device | null = null;
  /** The recorder's end of the next transport. */
  #offered: OfferedTransport | null = null;
  #transport: types.Transport | null = null;
  /** Of the transport. */
  #path: PathWatch | null = null;
  #isReplacing = false;
  #wanted: Display[] = [];
  readonly #senders = new Map<string, ScreenSender>();
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> = Promise.resolve();
  #sent: SentBytes | null = null;
  /** The most that any monitor may be sent with, to keep the budgets. */
  #limit: SendSettings = {
    framesPerSecond: Number.POSITIVE_INFINITY,
    maxBitrateKbps: Number.POSITIVE_INFINITY,
  };

  /** Also before the first picture, and between two tries. */
  get isCapturing(): boolean {
    return this.#wanted.length > 0;
  }

  /** A connection stands. Unless `resumed`, what the recorder had of us is gone. */
  prepare(
    policy: CapturePolicy,
    routerRtpCapabilities: Record<string, unknown>,
    resumed: boolean,
  ): Promise<void> {
    // Not in turn: what is under way on it may never come to an end.
    if (!resumed) this.#dropTransport();
    return this.#inTurn(async () => {
      this.#policy = policy;
      if (resumed) return this.#applyPolicy(policy);
      this.#dropTransport();
      this.#device = await loadDevice(routerRtpCapabilities);
      this.#offered = await offerTransport();
    });
  }

  /** This policy holds from now on, for what is sent already too: without a gap. */
  setPolicy(policy: CapturePolicy): Promise<void> {
    return this.#inTurn(async () => {
      this.#policy = policy;
      await this.#applyPolicy(policy);
    });
  }

  /** No monitor is sent with more than this from now on: without a gap. */
  limit({ framesPerSecond, maxBitrateKbps }: SendSettings): Promise<void> {
    return this.#inTurn(async () => {
      this.#limit = { framesPerSecond, maxBitrateKbps };
      const policy = this.#policy;
      if (policy === null) return;
      await Promise.all([...this.#senders.values()].map((sender) => sender.apply(this.#limited(policy))));
    });
  }

  #limited(policy: CapturePolicy): SendSettings {
    const { framesPerSecond, maxBitrateKbps } = this.#limit;
    return {
      framesPerSecond: Math.min(policy.framesPerSecond, framesPerSecond),
      maxBitrateKbps: Math.min(policy.maxBitrateKbps, maxBitrateKbps),
    };
  }

  /**
   * Captures exactly these; those that are not among them end at once. Resolves without waiting for new ones.
   *
   * @param hidden - what would be captured, could anybody see it; the recorder learns why it is not.
   */
  capture(displays: Display[], hidden: HiddenDisplays): void {
    const isStop = displays.length === 0;
    this.#wanted = displays;
    this.#path?.watch(this.isCapturing);
    for (const display of hidden?.displays ?? []) {
      if (hidden === null || this.#senders.has(display.id)) continue;
      const { reason } = hidden;
      const message = "nobody can see it now";
      void ask({ t: "capture-failed", display, reason, message }).catch(() => {});
    }
    for (const [id, sender] of this.#senders) {
      const display = displays.find((each) => each.id === id);
      if (display !== undefined) {
        // The picture follows a changed size by itself.
        sender.display = display;
        // Another recording may begin with this command.
        sender.refresh();
        continue;
      }
      this.#senders.delete(id);
      const isHidden = hidden?.displays.some((each) => each.id === id) ?? false;
      const otherwise = isStop ? "stopped" : "monitor-off";
      sender.close(isHidden && hidden !== null ? hidden.reason : otherwise);
    }
    // Chromium closes what WebRTC there is in a sleep, without a word.
    if (hidden?.reason === "desktop-offline") this.#dropTransport();
    this.#sendMissing();
    this.#restLater();
  }

  /** Between calls WebRTC is given up again. */
  #restLater(): void {
    clearTimeout(this.#restTimer);
    if (this.isCapturing || this.#transport === null) return;
    this.#restTimer = setTimeout(() => {
      void this.#inTurn(async () => {
        if (this.isCapturing) return;
        this.#dropTransport();
        this.#offered = await offerTransport();
        // Without a recorder: the next connection prepares another one.
      }).catch(() => {});
    }, RESTS_AFTER_MS);
  }

  async #applyPolicy(policy: CapturePolicy): Promise<void> {
    const [device, transport] = [this.#device, this.#transport];
    await Promise.all(
      [...this.#senders.values()].map(async (sender) => {
        await sender.apply(this.#limited(policy));
        if (device !== null && transport !== null) await sender.recode(transport, device, policy);
      }),
    );
  }

  async status(): Promise<PageStatus> {
    const monitors = [...this.#senders.values()].filter((sender) => sender.isSending).length;
    const { figures, sent } = await readFigures(this.#transport, monitors, this.#sent);
    this.#sent = sent;
    return { transportId: this.#usableTransportId(), ...figures };
  }

  #usableTransportId(): string | null {
    if (this.#transport === null) return this.#offered?.transportId ?? null;
    return this.#path?.isDead === false ? this.#transport.id : null;
  }

  #sendMissing(): void {
    clearTimeout(this.#retryTimer);
    if (this.#wanted.length === 0) return;
    void this.#inTurn(async () => {
      await Promise.all(this.#wanted.map((display) => this.#send(display)));
    });
  }

  async #send(display: Display): Promise<void> {
    const known = this.#senders.get(display.id);
    const policy = this.#policy;
    // Before the first connection there is nobody to send to; the `start` after it names the displays again.
    if (policy === null) return;
    const sender = known ?? new ScreenSender(display, this.#limited(policy), () => this.#retryLater());
    this.#senders.set(display.id, sender);
    try {
      const transport = await this.#readyTransport();
      if (this.#device === null) throw new Error("no recorder was seen yet");
      if (this.#senders.get(display.id) === sender) await sender.send(transport, this.#device, policy);
    } catch (error) {
      // Not wanted any more meanwhile: then it is no failure.
      if (this.#senders.get(display.id) !== sender) return;
      const message = error instanceof Error ? error.message : String(error);
      // Closed below us, of which there is no event: by Chromium in a sleep that nobody told us of, say.
      if (error instanceof DOMException && error.name === "InvalidStateError") this.#dropTransport();
      this.#retryLater();
      await ask({
        ...({ t: "capture-failed", display, reason: "desktop-error" } as const),
        message: message.slice(0, 1_000),
      }).catch(() => {});
    }
  }

  #retryLater(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.#sendMissing(), RETRY_AFTER_MS);
  }

  async #readyTransport(): Promise<types.Transport> {
    if (this.#transport !== null && !this.#transport.closed) return this.#transport;
    if (this.#device === null) throw new Error("no recorder was seen yet");
    const offered = this.#offered ?? (await offerTransport());
    this.#offered = null;
    const transport = openSendTransport(this.#device, offered);
    const isSending = () => [...this.#senders.values()].some((sender) => sender.isSending);
    this.#transport = transport;
    this.#path = new PathWatch(transport, isSending, () => this.#replace(transport));
    this.#path.watch(this.isCapturing);
    return transport;
  }

  /**
   * Nothing comes back any more: a new transport finds a way that works, by TCP say, where UDP was cut off. Without a
   * recorder to make one with the old one stays, and should its way come back, so do its pictures.
   */
  #replace(dead: types.Transport): void {
    if (this.#isReplacing) return;
    this.#isReplacing = true;
    void this.#inTurn(async () => {
      const path = this.#path;
      if (this.#transport !== dead || !path?.isDead) return;
      this.#transport = null;
      try {
        await this.#readyTransport();
        // Its pictures stay open for the next one.
        dead.close();
        this.#sendMissing();
      } catch {
        this.#transport = dead;
        this.#path = path;
      }
    }).finally(() => {
      this.#isReplacing = false;
    });
  }

  /** Closing a transport closes its producers; their pictures stay open for the next one. */
  #dropTransport(): void {
    const transport = this.#transport;
    this.#transport = null;
    this.#offered = null;
    transport?.close();
  }

  #inTurn(job: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(job);
    this.#turn = done.catch(() => {});
    return done;
  }
}
