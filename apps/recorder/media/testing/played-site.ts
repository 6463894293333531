import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { Codec, Recording } from "#shared/api/recording.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { AgentDirectory } from "../../agents/agent-directory.ts";
import { PauseControl } from "../../agents/pause-control.ts";
import { openCallBuffer } from "../../call-buffer/call-buffer.ts";
import { CaptureCoordinator } from "../../capture/coordinator.ts";
import type { CaptureStore } from "../../capture/recorded-track.ts";
import { RecordingControl } from "../../control/recording-control.ts";
import { SegmentDisk } from "../../scn/segment-disk.ts";
import { createTrackWriter } from "../../scn/track-writer.ts";
import { type Line, PlayedMedia, type PlayedTrack } from "./played-media.ts";
import { ScriptedSender, type RtpOrigin } from "./scripted-sender.ts";

const AGENT = "ann@contoso.com";
const STARTS_AT = Date.UTC(2026, 2, 2, 10, 0, 0);
const DISPLAY = { id: "1", width: 640, height: 360, scale: 1, primary: true };
/** From one picture to the next. */
export const PICTURE_MS: DurationMs = 200;
const REPORT_MS: DurationMs = 1_000;
const STEP_MS: DurationMs = 10;
/** What happens by itself takes no time of the fake clock; only what never happens takes this long. */
const REAL_WAIT_MS = 20_000;

/**
 * One call of an agent in a recorder of which all is real (lifecycle, catalogue, capture, streams, segment files) but the
 * network and the time: packets come from recorded streams, and time passes when the test says so.
 */
export interface PlayedSite extends AsyncDisposable {
  /** The call buffer's. */
  readonly folder: string;
  now(): EpochMs;
  /** A monitor's stream begins: pictures and reports are sent from now on. Returns once the recorder takes them. */
  plugIn(sender: ScriptedSender, line?: Line): Promise<PlayedTrack>;
  /** The desktop tells that the monitor is gone. */
  unplug(track: PlayedTrack): Promise<void>;
  makeSender(origin?: Partial<RtpOrigin>): ScriptedSender;
  /** Nothing moves on the screen: reports are sent, and no pictures. */
  isStill: boolean;
  /** @param stepMs - the clock goes on by this much at once; in between the disk has its turn. */
  pass(duration: DurationMs, stepMs?: DurationMs): Promise<void>;
  /** Returns once what was taken is sealed. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  say(type: CallEventType): Promise<void>;
  /** The call is over; the recording once it is sealed. */
  end(): Promise<Recording>;
  /** Path of a segment's file. */
  fileOf(recording: Recording, trackId: string, segmentId: string): string;
}

/** Opens it with the call connected and its desktop ready; the test's clock is the fake one from here on. */
export async function openPlayedSite(codec: Codec, segmentS = 60): Promise<PlayedSite> {
  await using parts = new AsyncDisposableStack();
  const realTurn = setImmediate;
  const realNow = () => Number(process.hrtime.bigint() / 1_000_000n);
  vi.useFakeTimers({
    now: STARTS_AT,
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
  });
  parts.defer(() => void vi.useRealTimers());
  const folder = await mkdtemp(join(tmpdir(), "deskreel-played-"));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const clock = new WallClock();
  const log = silentLog();
  const { lifecycle, policy, capture: capturePolicy } = loadConfig(undefined, {}, folder).recorder;
  const buffer = parts.use(await openCallBuffer(folder));
  const media = new PlayedMedia(clock);
  const disk = new SegmentDisk();
  const store: CaptureStore = {
    ...{ catalogue: buffer.capture, bufferDir: folder, segmentS, clock },
    createTrackWriter: (options) => createTrackWriter(options, disk),
  };
  const coordinator = parts.use(new CaptureCoordinator({ store, media, policy: capturePolicy, log }));
  const names = parts.use(new AgentDirectory({ buffer, clock, log }));
  const { maxPauseS } = lifecycle;
  const pauses = parts.use(new PauseControl({ buffer, capture: coordinator, names, clock, log, maxPauseS }));
  const control = parts.use(
    new RecordingControl({
      ...{ buffer, capture: coordinator, clock, log, lifecycle, policy },
      lookUpEvidence: null,
    }),
  );
  control.resume();

  const turn = () => new Promise<void>((resolve) => void realTurn(resolve));
  async function pass(duration: DurationMs, stepMs = STEP_MS): Promise<void> {
    for (let left = duration; left > 0; left -= stepMs) {
      vi.advanceTimersByTime(Math.min(stepMs, left));
      await turn();
    }
  }
  async function until<Answer>(what: string, ask: () => Answer | null): Promise<Answer> {
    for (const giveUpAt = realNow() + REAL_WAIT_MS; realNow() < giveUpAt; await turn()) {
      const answer = ask();
      if (answer !== null) return answer;
    }
    throw new Error(`waited in vain for ${what}`);
  }

  let events = 0;
  async function say(type: CallEventType): Promise<void> {
    events += 1;
    const event = {
      id: `e${events}`,
      type,
      at: clock.now(),
      agent: AGENT,
      callSessionId: "c1",
      attributes: {},
    };
    await control.takeEvents(() => [{ event, raw: "{}" }], clock.now());
  }
  const recording = () => buffer.recordings.list({}, 1, null).items[0] ?? null;
  const countSegments = () => recording()?.tracks.flatMap(({ segments }) => segments).length ?? 0;

  const desktop = coordinator
    .agent(AGENT)
    .desktop({ agent: AGENT, device: "PC-0815", osUser: "ann", appVersion: "0.1.0" });
  const link = { start: () => Promise.resolve(), stop: () => Promise.resolve(), dismiss() {} };
  await desktop.connect(link, { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId: null });
  const { transportId } = await desktop.createTransport();
  await say("ringing");
  await say("connected");

  const owned = parts.move();
  const site: PlayedSite = {
    folder,
    isStill: false,
    now: () => clock.now(),
    makeSender: (origin) => new ScriptedSender(codec, clock.now(), origin),
    async plugIn(sender, line) {
      media.sender = sender;
      await desktop.produce(transportId, DISPLAY, {});
      const track = media.tracks.at(-1);
      if (track === undefined) throw new Error("no producer was made");
      if (line !== undefined) track.line = line;
      await until("the recorder to take the stream", () => (track.isFed ? true : null));
      const show = () => {
        if (!site.isStill && !track.isUnplugged) track.show();
      };
      show();
      const timers = [setInterval(show, PICTURE_MS), setInterval(() => track.report(), REPORT_MS)];
      owned.defer(() => timers.forEach((timer) => clearInterval(timer)));
      return track;
    },
    async unplug(track) {
      track.isUnplugged = true;
      await desktop.closeProducer(track.producerId, "monitor-off");
    },
    pass,
    say,
    async pause() {
      const before = countSegments();
      await pauses.pause(AGENT, "card number", "integration");
      await until("what was taken to be sealed", () => (countSegments() > before ? true : null));
    },
    async resume() {
      await pauses.resume(AGENT, "integration");
      await until("the recorder to take the stream again", () => (media.tracks.at(-1)?.isFed ? true : null));
    },
    async end() {
      await say("agent-available");
      return until("the sealed recording", () => {
        const now = recording();
        return now?.phase === "sealed" ? now : null;
      });
    },
    fileOf: ({ id }, trackId, segmentId) => join(folder, id, trackId, `${segmentId}.scn`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return site;
}
