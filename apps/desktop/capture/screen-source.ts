import type { Display } from "#shared/protocol/messages.ts";
import { ask } from "./bridge.ts";

/**
 * Larger than any monitor. Where no size is wished for, Chromium holds a picture down to the largest monitor that there was
 * when it was opened, and one that grows, or is turned, would be scaled down from then on.
 */
const ANY_SIZE = { ideal: 8_192 };

/** What is asked of a live picture; to be given as a whole each time, as what is left out is forgotten. */
export function pictureConstraints(framesPerSecond: number): MediaTrackConstraints {
  return { frameRate: { max: framesPerSecond }, width: ANY_SIZE, height: ANY_SIZE };
}

/** Which display a getDisplayMedia() gets is agreed just before it, so they go one after the other. */
let turn: Promise<unknown> = Promise.resolve();

/** Opens the live picture of a display. @throws when the system gives none. */
export function openScreen(display: Display, framesPerSecond: number): Promise<MediaStreamTrack> {
  const opened = turn.then(async () => {
    await ask({ t: "choose-display", display: display.id });
    const stream = await navigator.mediaDevices.getDisplayMedia({
      audio: false,
      video: pictureConstraints(framesPerSecond),
    });
    const [track] = stream.getVideoTracks();
    if (track === undefined) throw new Error(`display ${display.id} gave a stream without video`);
    // Text must stay readable: when bandwidth is short, rather fewer frames than smaller ones.
    track.contentHint = "detail";
    return track;
  });
  turn = opened.catch(() => {});
  return opened;
}
