import { vi } from "vitest";
import type { Codec, Recording } from "#shared/api/recording.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { type Line, PlayedMedia, type PlayedTrack } from "./played-media.ts";
import { DISPLAY, openRecordedCall } from "./recorded-call.ts";
import { ScriptedSender, type RtpOrigin } from "./scripted-sender.ts";

const STARTS_AT = Date.UTC(2026, 2, 2, 10, 0, 0);
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
  /** The call is over; the recording once it is sealed. */
  end(): Promise<Recording>;
  /** Path of a segment's file. */
  fileOf(trackId: string, segmentId: string): string;
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
  const clock = new WallClock();
  const media = new PlayedMedia(clock);
  const call = parts.use(await openRecordedCall(media, clock, segmentS));

  const turn = () => new Promise<void>((resolve) => void realTurn(resolve));
  async function pass(duration: DurationMs, stepMs = STEP_MS): Promise<void> {
    for (let left = duration; left > 0; left -= stepMs) {
      vi.advanceTimersByTime(Math.min(stepMs, left));
      await turn();
    }
  }
  async function until(what: string, isSo: () => boolean): Promise<void> {
    for (const giveUpAt = realNow() + REAL_WAIT_MS; realNow() < giveUpAt; await turn()) {
      if (isSo()) return;
    }
    throw new Error(`waited in vain for ${what}`);
  }
  const countSegments = () => call.recording().tracks.flatMap(({ segments }) => segments).length;

  const owned = parts.move();
  const site: PlayedSite = {
    folder: call.folder,
    isStill: false,
    now: () => clock.now(),
    makeSender: (origin) => new ScriptedSender(codec, clock.now(), origin),
    async plugIn(sender, line) {
      media.sender = sender;
      await call.desktop.produce(call.transport.transportId, DISPLAY, {});
      const track = media.tracks.at(-1);
      if (track === undefined) throw new Error("no producer was made");
      if (line !== undefined) track.line = line;
      await until("the recorder to take the stream", () => track.isFed);
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
      await call.desktop.closeProducer(track.producerId, "monitor-off");
    },
    pass,
    async pause() {
      const before = countSegments();
      await call.pause();
      await until("what was taken to be sealed", () => countSegments() > before);
    },
    async resume() {
      await call.resume();
      await until("the recorder to take the stream again", () => media.tracks.at(-1)?.isFed ?? false);
    },
    async end() {
      await call.say("agent-available");
      await until("the recording to be sealed", () => call.recording().phase === "sealed");
      return call.recording();
    },
    fileOf: (trackId, segmentId) => call.fileOf(trackId, segmentId),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return site;
}
