import { changedFilter, passFrame } from "../domain/still-filter.ts";

/*
 * Chromium's media streams as streams of frames (W3C mediacapture-transform, in the form that Chromium has it): not in
 * TypeScript's own library.
 */
declare class MediaStreamTrackProcessor {
  constructor(options: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<VideoFrame>;
}
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(options: { kind: "video" });
  readonly writable: WritableStream<VideoFrame>;
}

/** A live picture without the frames that repeat the one before. */
export interface LivePicture {
  /** To be sent. */
  readonly track: MediaStreamTrack;
  /** Sends the next frames, changed or not: somebody waits for a key frame. */
  refresh(): void;
}

/**
 * Passes a screen's frames on as long as they change. Under X11 Chromium does not know what changed and encodes every
 * frame; and while it encodes, it fills the wire up to 100 kbit/s with padding, which ends after 2 s without a frame.
 *
 * @param onBroken - no frame passes any more although the source lives; to be opened anew.
 */
export function withoutRepetition(source: MediaStreamTrack, onBroken: () => void): LivePicture {
  const { readable } = new MediaStreamTrackProcessor({ track: source, maxBufferSize: 1 });
  const track = new MediaStreamTrackGenerator({ kind: "video" });
  track.contentHint = source.contentHint;
  let filter = changedFilter(performance.now());
  const seen = new SeenPicture();
  const keepChanged = new TransformStream<VideoFrame, VideoFrame>({
    async transform(frame, controller) {
      // What cannot be read (pixels on a graphics card that was just reset) may be anything.
      const isChanged = await seen.differsFrom(frame).catch(() => true);
      const [next, isSent] = passFrame(filter, { isChanged, at: performance.now() });
      filter = next;
      if (isSent) controller.enqueue(frame);
      else frame.close();
    },
  });
  // It ends with the source, whose end is noticed there.
  readable
    .pipeThrough(keepChanged)
    .pipeTo(track.writable)
    .catch((error: unknown) => {
      reportError(error);
      onBroken();
    });
  return {
    track,
    refresh() {
      filter = changedFilter(performance.now());
    },
  };
}

/** The pixels of the last frame. */
class SeenPicture {
  #last = new Uint32Array();
  #spare = new Uint32Array();
  #layout = "";

  /** Whether a frame shows anything else than the one before it. */
  async differsFrom(frame: VideoFrame): Promise<boolean> {
    const layout = `${frame.format} ${frame.codedWidth}x${frame.codedHeight}`;
    const words = Math.ceil(frame.allocationSize() / 4);
    if (layout !== this.#layout) {
      this.#layout = layout;
      this.#last = new Uint32Array(words);
      this.#spare = new Uint32Array(words);
    }
    const now = this.#spare;
    await frame.copyTo(now);
    const before = this.#last;
    this.#last = now;
    this.#spare = before;
    for (let at = 0; at < words; at++) if (now[at] !== before[at]) return true;
    return false;
  }
}
