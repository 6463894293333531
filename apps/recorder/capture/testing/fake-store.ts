import type { EpochMs } from "#shared/time/units.ts";
import type { TrackFacts, TrackWriterOptions } from "../ports.ts";
import type { CaptureStore } from "../recorded-track.ts";

/** A clock that stands until it is set. */
interface FakeClock {
  time: EpochMs;
  now(): EpochMs;
}

/** A catalogue and writers that only take notes: every call is one line of `journal`. */
export interface FakeStore extends CaptureStore {
  clock: FakeClock;
  journal: string[];
  /** The options of every writer that was made. */
  writers: TrackWriterOptions[];
}

export function createFakeStore(startedAt: EpochMs): FakeStore {
  const clock: FakeClock = { time: startedAt, now: () => clock.time };
  const journal: string[] = [];
  const writers: TrackWriterOptions[] = [];
  const tracks = new Map<string, { trackId: string; nextSegment: number; previousSha256: string | null }>();
  let outages = 0;

  function openTrack({ recordingId, desktop, display, codec }: TrackFacts) {
    const key = [recordingId, desktop, display, codec].join("/");
    const inRecording = [...tracks.keys()].filter((known) => known.startsWith(`${recordingId}/`)).length;
    const track = tracks.get(key) ?? {
      trackId: String(inRecording + 1),
      nextSegment: 1,
      previousSha256: null,
    };
    if (!tracks.has(key)) journal.push(`track ${key} is ${recordingId}/${track.trackId}`);
    tracks.set(key, track);
    return { ...track };
  }

  return {
    clock,
    journal,
    writers,
    bufferDir: "/buffer",
    segmentS: 60,
    catalogue: {
      openTrack,
      addSegment() {},
      openOutage(recordingId, trackId, from, reason) {
        outages += 1;
        journal.push(`outage ${outages} of ${recordingId}/${trackId ?? "*"} from ${from}: ${reason}`);
        return outages;
      },
      closeOutage: (outageId, to) => journal.push(`outage ${outageId} until ${to}`),
    },
    createTrackWriter(options) {
      const name = `${options.recordingId}/${options.trackId}`;
      writers.push(options);
      let frames = 0;
      return {
        push(frame) {
          frames += 1;
          if (frames === 1) options.onFirstFrameWritten("000001", frame.arrivedAt);
        },
        seal() {
          journal.push(`${name} sealed with ${frames}`);
          return Promise.resolve();
        },
        abandon() {
          journal.push(`${name} abandoned with ${frames}`);
          return Promise.resolve();
        },
      };
    },
  };
}
