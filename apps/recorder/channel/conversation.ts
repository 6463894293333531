import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentCapture } from "../capture/agent-capture.ts";
import type { CaptureCoordinator } from "../capture/coordinator.ts";
import type { DesktopIdentity, DesktopLink } from "../capture/desktop-link.ts";
import type { DesktopSession } from "../capture/desktop-session.ts";
import type { DesktopEntry } from "../call-buffer/desktop-store.ts";
import type { AttemptLimit } from "../trust/attempt-limit.ts";
import type { DesktopRegistry } from "../trust/desktop-registry.ts";

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
  /** Whether the alias file says whose a desktop is. */
  readonly isAssigned: (desktop: DesktopIdentity) => boolean;
  readonly trust: Pick<DesktopRegistry, "findByKey" | "enrol" | "admit" | "noteSeen">;
  /** Wrong enrolment tokens by address. */
  readonly attempts: AttemptLimit;
  /** Whether a host is this recorder by one of its names. */
  readonly answersFor: (host: string) => boolean;
  readonly routerRtpCapabilities: Record<string, unknown>;
  readonly heartbeatMs: number;
  readonly clock: Clock;
  /** This connection, for commands. */
  readonly link: DesktopLink;
  readonly remoteAddress: string;
  /** What is to be signed, with which key; null before and after. */
  challenge: { nonce: string; publicKey: string } | null;
  /** Whose private key the desktop has proved to have; null until then. */
  key: Pick<DesktopEntry, "id" | "device" | "osUser" | "keyProtection"> | null;
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
