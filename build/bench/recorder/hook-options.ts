/** What `recorder-hooks.ts` is to do, as JSON in `DESKREEL_BENCH_HOOKS`. */
export interface HookOptions {
  /** Desktops send to a PlainTransport. */
  plainIngress?: boolean;
  /** A folder for all packets that the recorder gets. */
  recordInto?: string;
  /** A file for a CPU profile from the start to the first `/figures`. */
  profileInto?: string;
  /** A Unix socket that answers with {@link HookFigures}. */
  socket?: string;
}

/** What the event loop was late by. */
export interface LoopDelay {
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

/** One flush of a file to the disk, by {@link machineMs}. */
export interface FlushSeen {
  path: string;
  startedAt: number;
  endedAt: number;
}

/** What was seen since the measurement began. */
export interface HookFigures {
  loop: LoopDelay;
  flushes: FlushSeen[];
}
