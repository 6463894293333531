import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Recording } from "#shared/api/recording.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { chainFaults } from "../../../apps/recorder/domain/hash-chain.ts";
import { Turns } from "../../../apps/recorder/scn/turns.ts";
import { probeSegment } from "../../../apps/recorder/scn/testing/probe.ts";
import { getJson } from "../../rig/events.ts";
import { waitFor } from "../../rig/wait.ts";
import type { HandedInFrame } from "./handed-in.ts";
import type { KilledRecorder } from "./killed-recorder.ts";
import { judgeFiles, readSegment, readTracks, type SegmentRow, type TrackRows } from "./read-track.ts";
import { type RunLoss, TrackAccount } from "./track-account.ts";

/** What a kill has cost, by display. */
export interface RunFigures {
  run: number;
  killedAt: EpochMs;
  lost: Record<string, RunLoss>;
}

export interface MediaJudgement {
  readonly runs: readonly RunFigures[];
  /** The most that a run lost of a display. */
  readonly worstLossMs: DurationMs;
  readonly frames: { readonly handedIn: number; readonly lost: number };
  readonly segments: number;
  /** Segments that were decoded from their first frame to their last. */
  readonly decoded: number;
  readonly faults: readonly string[];
}

/** What `kill -9` may cost. */
const MOST_LOST_MS: DurationMs = 1_000;
/** Instants are told in whole milliseconds, ends are sums of two. */
const ROUNDED_MS: DurationMs = 2;
/** A rename is followed by its row at once; seen in between, it is looked at again. */
const LOOK_AGAIN_MS: DurationMs = 1_000;
const DECODERS = 2;

/** Judges what a recorder that is killed again and again has written, restart by restart. */
export class MediaJudge {
  readonly #recorder: KilledRecorder;
  readonly #accounts: Map<string, TrackAccount>;
  readonly #kills: { run: number; killedAt: EpochMs; isJudged: boolean }[] = [];
  readonly #runs: RunFigures[] = [];
  readonly #faults: string[] = [];
  /** By display: the last segment that was compared. */
  readonly #compared = new Map<string, string>();
  readonly #decoders = new Turns(DECODERS);
  readonly #decoding: Promise<void>[] = [];
  #segments = 0;

  constructor(recorder: KilledRecorder, displays: readonly string[]) {
    this.#recorder = recorder;
    this.#accounts = new Map(displays.map((display) => [display, new TrackAccount()]));
  }

  note(run: number, frame: HandedInFrame): void {
    this.#accounts.get(frame.display)?.note(run, frame);
  }

  noteKill(run: number, killedAt: EpochMs): void {
    this.#kills.push({ run, killedAt, isJudged: false });
  }

  /** Resolves when each display has handed in a frame in this run. */
  async framesOf(run: number, withinMs: DurationMs, signal: AbortSignal): Promise<void> {
    const hasAll = () => [...this.#accounts.values()].every((account) => account.hasFramesOf(run));
    await waitFor(`frames of run ${run}`, hasAll, { withinMs, signal });
  }

  /** To be called when the recorder is ready: what the runs before have left must be whole by then. */
  async judge(recordingId: string, adminToken: string): Promise<void> {
    const { bufferDir, url } = this.#recorder;
    const tracks = readTracks(bufferDir);
    for (const track of tracks) {
      for (const fault of await this.#faultsOfFiles(track)) this.#blame(track, fault);
      for (const fault of chainFaults(track.segments)) this.#blame(track, fault);
      for (const row of this.#newSegments(track)) await this.#compare(track, row);
    }
    const recording = await getJson<Recording>(`${url}/v1/recordings/${recordingId}`, adminToken);
    for (const kill of this.#kills.filter(({ isJudged }) => !isJudged)) {
      kill.isJudged = true;
      const lost: RunFigures["lost"] = {};
      for (const [display, account] of this.#accounts) {
        const loss = account.lossOf(kill.run);
        if (typeof loss === "string") this.#faults.push(`display ${display}: ${loss}`);
        else lost[display] = loss;
        if (typeof loss !== "string" && loss.lostMs > MOST_LOST_MS)
          this.#faults.push(`display ${display}: run ${kill.run} lost ${loss.lostMs} ms`);
        const fault = gapFault(recording, tracks, { display, killedAt: kill.killedAt });
        if (fault !== null) this.#faults.push(`display ${display}: run ${kill.run}: ${fault}`);
      }
      this.#runs.push({ run: kill.run, killedAt: kill.killedAt, lost });
    }
  }

  /** To be called when a run has ended in good order and was judged: it has lost nothing. */
  noteEnd(run: number): void {
    for (const [display, account] of this.#accounts) {
      const loss = account.lossOf(run);
      if (typeof loss === "string") this.#faults.push(`display ${display}: ${loss}`);
      else if (loss.frames > 0)
        this.#faults.push(`display ${display}: run ${run} was not killed and lost ${loss.frames} frames`);
    }
  }

  /** How it stands, in a line. */
  describe(): string {
    const { worstLossMs, frames, segments, faults } = this.#figures();
    return `${this.#kills.length} kills, ${this.#runs.length} judged: at most ${worstLossMs} ms lost, ${frames.lost} of ${frames.handedIn} frames; ${segments} segments, ${faults.length} faults`;
  }

  /** Waits until all segments are decoded. */
  async conclude(): Promise<MediaJudgement> {
    await Promise.all(this.#decoding);
    return this.#figures();
  }

  async #faultsOfFiles(track: TrackRows): Promise<string[]> {
    const { bufferDir } = this.#recorder;
    const folder = join(bufferDir, track.recordingId, track.trackId);
    const faults = await judgeFiles(folder, track);
    if (faults.length === 0) return [];
    await sleep(LOOK_AGAIN_MS);
    const now = readTracks(bufferDir).find(({ trackId }) => trackId === track.trackId) ?? track;
    const still = new Set(await judgeFiles(folder, now));
    return faults.filter((fault) => still.has(fault));
  }

  #newSegments({ display, segments }: TrackRows): SegmentRow[] {
    const last = this.#compared.get(display) ?? "";
    return segments.filter(({ id }) => id > last);
  }

  async #compare(track: TrackRows, row: SegmentRow): Promise<void> {
    const { recordingId, trackId, display } = track;
    const path = join(this.#recorder.bufferDir, recordingId, trackId, `${row.id}.scn`);
    this.#compared.set(display, row.id);
    this.#segments += 1;
    try {
      const frames = await readSegment(path, row);
      const { id, startedAt } = row;
      const fault = this.#accounts.get(display)?.match({ id, startedAt, frames });
      if (typeof fault === "string") this.#blame(track, fault);
    } catch (error) {
      this.#blame(track, describeError(error));
    }
    this.#decoding.push(this.#decoders.run(() => this.#decode(track, path, row)));
  }

  async #decode(track: TrackRows, path: string, row: SegmentRow): Promise<void> {
    try {
      const { errors, ...facts } = await probeSegment(path);
      const { frames, width, height, durationMs } = row;
      const wanted = { frames, width, height, durationMs: Math.round(durationMs) };
      if (errors !== "") this.#blame(track, `${path}: ffmpeg says ${errors}`);
      if (!isDeepStrictEqual(facts, wanted))
        this.#blame(
          track,
          `${path}: ffmpeg finds ${JSON.stringify(facts)}, its row says ${JSON.stringify(wanted)}`,
        );
    } catch (error) {
      this.#blame(track, `${path} does not decode: ${describeError(error)}`);
    }
  }

  #blame({ display }: TrackRows, fault: string): void {
    this.#faults.push(`display ${display}: ${fault}`);
  }

  #figures(): MediaJudgement {
    const losses = this.#runs.flatMap(({ lost }) => Object.values(lost));
    const accounts = [...this.#accounts.values()];
    return {
      runs: this.#runs,
      worstLossMs: Math.max(0, ...losses.map(({ lostMs }) => lostMs)),
      frames: {
        handedIn: accounts.reduce((sum, { handedIn }) => sum + handedIn, 0),
        lost: losses.reduce((sum, { frames }) => sum + frames, 0),
      },
      segments: this.#segments,
      decoded: this.#decoding.length,
      faults: this.#faults,
    };
  }
}

/** Whether the coverage tells of a kill: a gap that begins where the last picture before it ends, and is one at the kill. */
function gapFault(
  recording: Recording,
  tracks: readonly TrackRows[],
  { display, killedAt }: { display: string; killedAt: EpochMs },
): string | null {
  const track = recording.tracks.find((one) => one.display === display);
  const rows = tracks.find((one) => one.display === display)?.segments ?? [];
  if (track === undefined) return "the recording has no such track";
  const ends = rows.map(({ startedAt, durationMs }) => startedAt + durationMs);
  // Its last picture may be shown a moment longer than until the kill.
  const lastEnd = Math.max(...ends.filter((end) => end <= killedAt + MOST_LOST_MS));
  const gap = track.coverage.find(({ from, to, state }) => {
    const isThere = Date.parse(from) <= Math.max(killedAt, lastEnd) + ROUNDED_MS;
    return state === "gap" && isThere && (to === null || Date.parse(to) > killedAt);
  });
  if (gap === undefined) return `no gap at the kill of ${new Date(killedAt).toISOString()}`;
  if (gap.reason !== "recorder-restart" && gap.reason !== "connection-lost" && gap.reason !== "late-start")
    return `the gap at the kill is ${gap.reason}`;
  // A run that had no frame goes on with the gap of the one before it.
  return Date.parse(gap.from) > lastEnd + ROUNDED_MS
    ? `the gap begins at ${gap.from}, the last picture ended at ${new Date(lastEnd).toISOString()}`
    : null;
}
