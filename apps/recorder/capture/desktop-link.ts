import type { CallSummary, CapturePolicy } from "#shared/protocol/messages.ts";
import type { EpochMs } from "#shared/time/units.ts";

/** Which desktop, as it says itself: one OS session of one agent on one device. */
export interface DesktopIdentity {
  /** Whose it says it is; the alias file may know better. */
  agent: string;
  device: string;
  osUser: string;
  appVersion: string;
}

/** What a desktop is told to do: capture for these calls (or pause), no longer than until then. */
export interface CaptureCommand {
  calls: CallSummary[];
  paused: boolean;
  /** Recorder's clock; capture ends by itself then, unless renewed. */
  stopNoLaterThan: EpochMs;
}

/** The open connection to a desktop, as the capture side sees it. The promises settle with the desktop's answer. */
export interface DesktopLink {
  start(command: CaptureCommand): Promise<void>;
  stop(): Promise<void>;
  setPolicy(policy: CapturePolicy): Promise<void>;
  /**
   * Ends the connection; the desktop connects again at once, and is asked anew who it is and what it has.
   *
   * - `moved`: it belongs to another agent now
   * - `media-lost`: what it sent its pictures to is gone
   */
  dismiss(reason: "moved" | "media-lost"): void;
}
