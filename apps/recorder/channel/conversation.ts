import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentCapture } from "../capture/agent-capture.ts";
import type { CaptureCoordinator } from "../capture/coordinator.ts";
import type { DesktopIdentity, DesktopLink } from "../capture/desktop-link.ts";
import type { DesktopSession } from "../capture/desktop-session.ts";

/** Who is at the other end, once it has said so. */
export interface Speaker {
  agent: AgentCapture;
  desktop: DesktopSession;
}

/** What the answer to a message may depend on and change: how far the conversation of one connection has come. */
export interface Conversation {
  readonly coordinator: CaptureCoordinator;
  /** Whose a desktop is, whatever it says. */
  readonly ownerOf: (desktop: DesktopIdentity) => string;
  readonly enrollmentToken: string;
  readonly routerRtpCapabilities: Record<string, unknown>;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  /** This connection, for commands. */
  readonly link: DesktopLink;
  isEnrolled: boolean;
  speaker: Speaker | null;
  /** Closes any other connection of the same desktop; this one speaks for it now. */
  replaceOthers(desktop: DesktopSession): void;
  /** Runs once the answer in hand is sent. */
  afterwards(job: () => void): void;
}

/** A request that is answered with `error`; with `closeCode` the connection ends after that. */
export class RequestRefused extends DeskreelError {
  readonly closeCode: number | null;

  constructor(code: string, message: string, closeCode: number | null = null) {
    super(code, message);
    this.closeCode = closeCode;
  }
}

/** @throws {@link RequestRefused} before `hello` was answered. */
export function requireSpeaker(conversation: Conversation): Speaker {
  if (conversation.speaker !== null) return conversation.speaker;
  throw new RequestRefused("NOT_WELCOMED", "say hello first");
}
