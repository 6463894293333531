import { VIDEO_TICKS_PER_MS } from "#shared/time/units.ts";
import type { Scene, ScenePacket } from "./corpus.ts";
import { readFeedback, senderReport } from "./rtcp.ts";

/** Where a screen's packets go and what they are called there. */
export interface ScreenTarget {
  /** UDP, on loopback. */
  port: number;
  payloadType: number;
  ssrc: number;
  /** Sender reports go to the same port; off for a receiver that takes RTCP elsewhere. */
  sendsReports: boolean;
}

/** What a screen has sent. */
export interface ScreenCounts {
  /** Whole pictures. */
  pictures: number;
  packets: number;
  bytes: number;
  keyPictures: number;
  /** Packets that were sent a second time because the receiver missed them. */
  repeated: number;
}

/** Hands one datagram to the network at once, or keeps `head` untouched until it has. */
export type SendDatagram = (head: Buffer, payload: Buffer | null, port: number) => void;

const HEADER_BYTES = 12;
/** What a receiver can still have repeated: a second of a busy screen many times over. */
const HISTORY = 1_024;
/** A sender that was held up catches up little by little, or it would flood the receiver's socket. */
const MAX_PACKETS_AT_ONCE = 32;
const REPORT_EVERY_MS = 1_000;
/** As libwebrtc: requests that come while a key picture is hardly sent are answered by it. */
const MIN_KEY_DISTANCE_MS = 300;

/**
 * One screen as its recorded packets, played in a loop as they came. A wish for a key picture begins the loop anew, in
 * place of the next picture. Times are {@link machineMs}; the owner calls {@link sendDue} every few milliseconds.
 */
export class FedScreen {
  readonly #scene: Scene;
  readonly #target: ScreenTarget;
  readonly #send: SendDatagram;
  /** When the loop that runs began, and its first timestamp. */
  #loopAt: number;
  #loopTicks: number;
  #next = 0;
  #sequence: number;
  #lastTicks: number;
  #keyAt: number;
  #wantsKey = false;
  #isBetweenPictures = true;
  #isEnding = false;
  #reportDueAt: number;
  readonly #history: ({ packet: ScenePacket; ticks: number; sequence: number } | undefined)[] = [];
  readonly #counts: ScreenCounts = { pictures: 0, packets: 0, bytes: 0, keyPictures: 0, repeated: 0 };
  readonly #onPicture: (sentAt: number) => void;

  /**
   * @param now - when its first packet goes.
   * @param onPicture - told of each picture whose last packet was sent.
   */
  constructor(
    scene: Scene,
    target: ScreenTarget,
    now: number,
    send: SendDatagram,
    onPicture: (sentAt: number) => void = () => {},
  ) {
    this.#scene = scene;
    this.#target = target;
    this.#send = send;
    this.#onPicture = onPicture;
    this.#loopAt = now;
    this.#keyAt = now;
    this.#loopTicks = Math.floor(Math.random() * 2 ** 31);
    this.#lastTicks = this.#loopTicks;
    this.#sequence = Math.floor(Math.random() * 2 ** 15);
    this.#reportDueAt = now + Math.random() * REPORT_EVERY_MS;
  }

  get counts(): Readonly<ScreenCounts> {
    return this.#counts;
  }

  /** Whether nothing more comes. */
  get isOver(): boolean {
    return this.#isEnding && this.#isBetweenPictures;
  }

  /** Stops after the picture that is under way. */
  end(): void {
    this.#isEnding = true;
  }

  sendDue(now: number): void {
    for (let sent = 0; sent < MAX_PACKETS_AT_ONCE && !this.isOver; sent++) {
      const packet = this.#scene.packets[this.#next];
      if (packet === undefined) {
        this.#beginLoop(this.#loopAt + this.#scene.durationMs);
        continue;
      }
      if (this.#loopAt + packet.atMs > now) break;
      if (this.#wantsKey && this.#isBetweenPictures && this.#next > 0) {
        this.#beginLoop(now);
        continue;
      }
      this.#sendNext(packet, now);
    }
    if (now >= this.#reportDueAt && this.#target.sendsReports) this.#report(now);
  }

  onRtcp(bytes: Buffer, now: number): void {
    const { wantsKeyPicture, missing } = readFeedback(bytes);
    if (wantsKeyPicture && now - this.#keyAt > MIN_KEY_DISTANCE_MS) this.#wantsKey = true;
    for (const sequence of missing) {
      const sent = this.#history[sequence % HISTORY];
      if (sent?.sequence !== sequence) continue;
      this.#counts.repeated += 1;
      this.#send(this.#head(sent.packet, sent.ticks, sequence), sent.packet.payload, this.#target.port);
    }
  }

  #beginLoop(at: number): void {
    const elapsed = Math.round((at - this.#loopAt) * VIDEO_TICKS_PER_MS);
    this.#loopTicks = Math.max(this.#loopTicks + elapsed, this.#lastTicks + VIDEO_TICKS_PER_MS);
    this.#loopAt = at;
    this.#next = 0;
  }

  #sendNext(packet: ScenePacket, now: number): void {
    if (this.#next === 0) {
      this.#keyAt = now;
      this.#wantsKey = false;
      this.#counts.keyPictures += 1;
    }
    const ticks = this.#loopTicks + packet.ticks;
    const sequence = this.#sequence;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#lastTicks = ticks;
    this.#history[sequence % HISTORY] = { packet, ticks, sequence };
    this.#send(this.#head(packet, ticks, sequence), packet.payload, this.#target.port);
    this.#counts.packets += 1;
    this.#counts.bytes += HEADER_BYTES + packet.payload.byteLength;
    this.#next += 1;
    this.#isBetweenPictures = packet.marker;
    if (!packet.marker) return;
    this.#counts.pictures += 1;
    this.#onPicture(now);
  }

  #head(packet: ScenePacket, ticks: number, sequence: number): Buffer {
    const head = Buffer.allocUnsafe(HEADER_BYTES);
    head.writeUInt8(0x80, 0);
    head.writeUInt8((packet.marker ? 0x80 : 0) | this.#target.payloadType, 1);
    head.writeUInt16BE(sequence, 2);
    head.writeUInt32BE(ticks >>> 0, 4);
    head.writeUInt32BE(this.#target.ssrc, 8);
    return head;
  }

  #report(now: number): void {
    this.#reportDueAt = now + REPORT_EVERY_MS;
    const { ssrc, port } = this.#target;
    const { packets, bytes } = this.#counts;
    const ticks = this.#loopTicks + Math.round((now - this.#loopAt) * VIDEO_TICKS_PER_MS);
    const report = senderReport({ ssrc, at: Date.now(), timestamp: ticks >>> 0, packets, bytes });
    this.#send(report, null, port);
  }
}
