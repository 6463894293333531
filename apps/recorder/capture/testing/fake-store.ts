import type { DurationMs, SteadyMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import type { TrackFacts, TrackWriterOptions } from "../ports.ts";
import type { CaptureStore } from "../recorded-track.ts";

/** The real clock on hands that stand until they are moved; steady time counts from the epoch, as wall time does. */
class FakeClock extends WallClock {
  readonly #hands: { steady: SteadyMs; setForwardBy: DurationMs };

  constructor(startedAt: SteadyMs) {
    const hands = { steady: startedAt, setForwardBy: 0 };
    super({ system: () => hands.steady + hands.setForwardBy, monotonic: () => hands.steady });
    this.#hands = hands;
  }

  get time(): SteadyMs {
    return this.#hands.steady;
  }

  set time(now: SteadyMs) {
    this.#hands.steady = now;
  }

  /** Somebody sets the system's clock. */
  step(stepMs: DurationMs): void {
    this.#hands.setForwardBy += stepMs;
    this.now();
  }
}

/** A catalogue and writers that only take notes: every call is one line of `journal`. */
export interface FakeStore extends CaptureStore {
  clock: FakeClock;
  journal: string[];
  /** The options of every writer that was made. */
  writers: TrackWriterOptions[];
}

export function createFakeStore(startedAt: SteadyMs): FakeStore {
  const clock = new FakeClock(startedAt);
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
