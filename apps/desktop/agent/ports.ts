import type { Duplex } from "node:stream";
import type { CapturePolicy, DesktopFigures, Display } from "#shared/protocol/messages.ts";
import type { AgentSession } from "../domain/agent-session.ts";
import type { Presence } from "../domain/presence.ts";
import type { HiddenDisplays, PageAnswer, PageRequest, PageStatus } from "../ipc-contract.ts";

/** The capture page, as the agent uses it. Commands are carried out in the order given. */
export interface ScreenCapture {
  /** How the capture does; null before the page's first word. */
  readonly status: PageStatus | null;
  prepare(session: {
    policy: CapturePolicy;
    routerRtpCapabilities: Record<string, unknown>;
    resumed: boolean;
  }): Promise<void>;
  /** This policy holds from now on, for what is sent already too. */
  setPolicy(policy: CapturePolicy): Promise<void>;
  /**
   * Captures exactly these displays; resolves when those that are not among them have stopped.
   *
   * @param hidden - displays that are to follow once they are not hidden any more.
   */
  capture(displays: Display[], hidden: HiddenDisplays): Promise<void>;
}

/** Watches over what the app takes of its PC. */
export interface BudgetWatch {
  setPolicy(policy: CapturePolicy): void;
  /** What it takes now; null while nothing is captured. */
  readonly figures: DesktopFigures | null;
}

/** What the capture page asks of the recorder, by the connection that stands. */
export interface RecorderSignalling {
  ask<Request extends RecorderRequest>(request: Request): Promise<PageAnswer<Request["t"]>>;
}

export type RecorderRequest = Exclude<PageRequest, { t: "choose-display" }>;

/** The monitors of this computer. */
export interface DisplaySource {
  displays(): Display[];
  /** Calls back at every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** What the operating system says of this session. */
export interface SessionPresence {
  presence(): Presence;
  /** Whether it matters now, so that it is worth asking where there are no events. */
  watch(isWatched: boolean): void;
  /** Calls back at every change, until the returned function is called. */
  onChange(listener: () => void): () => void;
}

/** Opens the way to the recorder at a `ws:` or `wss:` URL; an error's `code` says why there is none. */
export type Dial = (url: string) => Promise<Duplex>;

/** Who this desktop is and where its recorder. */
export interface DesktopIdentity {
  serverUrl: string;
  /** What it enrols with; null: its key is enrolled already. */
  enrollmentToken: string | null;
  agent: string;
  device: string;
  osUser: string;
  appVersion: string;
}

/** Told at every change of the session. */
export type SessionListener = (session: AgentSession) => void;
