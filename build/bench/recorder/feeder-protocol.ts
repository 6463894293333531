import type { CorpusCodec } from "./corpus.ts";
import type { ScreenCounts, ScreenTarget } from "./fed-screen.ts";

/** What the feeder's process can be asked. */
export type FeederRequest =
  /** Desktops come online; each sends while a call of its agent is open. */
  | {
      t: "connect";
      channelUrl: string;
      enrollmentToken: string;
      codec: CorpusCodec;
      count: number;
      /** Over ICE, DTLS and SRTP; else to PlainTransports. */
      isSecure: boolean;
    }
  /** Sends to receivers that know nothing of desktops. */
  | { t: "feed"; codec: CorpusCodec; targets: ScreenTarget[]; overMs: number }
  /** Notes from now on when each picture of these screens went. */
  | { t: "watch"; screens: number[] }
  | { t: "look" }
  /** Every screen stops after its picture; answered when all have. */
  | { t: "end" };

/** What the feeder has done so far. */
export interface FeederLook {
  /** By screen; a screen that was never fed has zeros. */
  screens: ScreenCounts[];
  /** By watched screen: when the last packet of each of its pictures went, all since the screen's first, by `machineMs`. */
  sentAt: Record<number, number[]>;
  /** By how much its timer was late, which makes packets come in bursts; 99 of 100 ticks are not worse. */
  latenessP99Ms: number;
}

/** The agent whose screen has this number. */
export function agentOf(screen: number): string {
  return `bench-${screen}@contoso.com`;
}

/** The device on which that agent works. */
export function deviceOf(screen: number): string {
  return `PC-${screen}`;
}
