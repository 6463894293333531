/**
 * The seams inside the recorder: what the control side (lifecycle, catalogue), the capture side (desktop channel,
 * coordinator) and the media side (mediasoup, SCN writers) know of each other. Types only.
 */
import type { GapReason } from "#shared/api/coverage.ts";
import type { Codec } from "#shared/api/recording.ts";
import type { DesktopFigures, Display } from "#shared/protocol/messages.ts";
import type { EpochMs, SteadyMs } from "#shared/time/units.ts";

/** A recording that is to be captured, as the lifecycle hands it over. */
export interface CaptureOrder {
  recordingId: string;
  agent: string;
  callSessionId: string;
  /** First event's `at'`. */
  startedAt: EpochMs;
  /** When the request with the event that opened it was fully received; for ringToFirstFrameMs. */
  orderedAt: EpochMs;
  /** Capture ends by itself then, unless renewed: startedAt + maxRecordingS. */
  stopNoLaterThan: EpochMs;
  attributes: Readonly<Record<string, string>>;
}

/** How the capture of a recording ends. */
export type CaptureEnd = "seal" | "discard";

/** What the lifecycle asks of the capture side. Both calls are idempotent. */
export interface CaptureControl {
  /** Starts (or, after a restart, goes on with) capturing; desktops may be offline: it starts when they come. */
  start(order: CaptureOrder): void;
  /**
   * Stops taking in frames at once; resolves when every segment file of the recording is closed: sealed and in the
   * catalogue (`seal`), or just closed (`discard`, erasing the files is the caller's). Rejects when the catalogue does not
   * take them; to be called again then.
   */
  end(recordingId: string, how: CaptureEnd): Promise<void>;
}

/** What pausing asks of the capture side: it holds for recordings that are open and for those that open. Idempotent. */
export interface CapturePauses {
  /** Writes no frame that comes in from now on. */
  pause(agent: string): void;
  resume(agent: string): void;
}

/**
 * What too little room asks of the capture side, of everybody's recordings at once: those that are open and those that
 * open. What is under way is sealed; the time until it is released is a gap. Idempotent.
 */
export interface CaptureHold {
  hold(reason: GapReason): void;
  release(): void;
}

/** What the capture side writes into the catalogue; on the disk a moment later, and before any end of a capture is stored. */
export interface CaptureCatalogue {
  /** Finds or makes the track of (recording, desktop, display, codec); ids are "1", "2", … within the recording. */
  openTrack(facts: TrackFacts): { trackId: string; nextSegment: number; previousSha256: string | null };
  addSegment(recordingId: string, trackId: string, segment: SegmentFacts): void;
  /** Begins a stretch without picture; trackId null = of every track of that recording. Returns its id. */
  openOutage(recordingId: string, trackId: string | null, from: EpochMs, reason: GapReason): number;
  closeOutage(outageId: number, to: EpochMs): void;
}

export interface TrackFacts {
  recordingId: string;
  desktop: string;
  display: string;
  codec: Codec;
  width: number;
  height: number;
  /** When the monitor appeared to this recording. */
  openedAt: EpochMs;
}

/** A sealed SCN segment. */
export interface SegmentFacts {
  /** 6 digits, counting arrival. */
  id: string;
  startedAt: EpochMs;
  durationMs: number;
  frames: number;
  bytes: number;
  width: number;
  height: number;
  sha256: string;
  /** sha256 of the segment before it in this track, null for the first: the hash chain. */
  previousSha256: string | null;
}

/** One encoded picture out of the depacketizer. */
export interface EncodedFrame {
  /**
   * The whole picture as Matroska stores it: VP8 and VP9 as they are, H264 as NAL units with 4-byte lengths, AV1 as OBUs
   * with sizes, without temporal delimiters.
   */
  data: Uint8Array;
  key: boolean;
  /** RTP timestamp unwrapped to a count that never wraps; 90 kHz ticks. */
  rtpTicks: number;
  /** When its last packet arrived. */
  arrivedAt: SteadyMs;
  /** Picture size in pixels; known on key frames. */
  width?: number;
  height?: number;
  /** On a key frame that follows lost pictures: where the stretch without picture began, on the count of `rtpTicks`. */
  lostFrom?: number;
  /** What a decoder needs before it: avcC of H264, av1C of AV1; on key frames of these. */
  codecPrivate?: Uint8Array;
}

/** Takes frames in decoding order; the first one is a key frame. Must not block and must not throw. */
export interface FrameSink {
  push(frame: EncodedFrame): void;
}

/** One mediasoup producer with its tap: a monitor's live stream. */
export interface ScreenTrack extends AsyncDisposable {
  readonly producerId: string;
  readonly codec: Codec;
  /** Asks for a key frame, so that the sink starts soon; the sink gets frames from the next key frame on. */
  addSink(sink: FrameSink): void;
  removeSink(sink: FrameSink): void;
  /** Rate-limited. */
  requestKeyFrame(): void;
  /** When a picture was captured, as well as the sender reports tell it by now. */
  steadyTimeOf(rtpTicks: number): SteadyMs;
  /** What `steadyTimeOf` goes by at present; `arrival` until the first sender report. */
  readonly clockSource?: "sender-reports" | "arrival";
  /**
   * Where pictures are missing by now, in RTP ticks: those that are lost, up to the next key frame, and those that wait for
   * a repair. Null while none is.
   */
  readonly missingFrom: number | null;
  /** When the last RTP packet or sender report came; a still screen may send nothing else. */
  readonly lastSignAt: SteadyMs;
}

/** One desktop's WebRTC transport into the recorder. */
export interface MediaIngress extends AsyncDisposable {
  readonly transportId: string;
  readonly iceParameters: Record<string, unknown>;
  readonly iceCandidates: Record<string, unknown>[];
  readonly dtlsParameters: Record<string, unknown>;
  connect(dtlsParameters: Record<string, unknown>): Promise<void>;
  produce(rtpParameters: Record<string, unknown>): Promise<ScreenTrack>;
  /** Called once if the media worker that serves it dies: nothing comes in any more, and nothing can be made on it. */
  onLost(listener: () => void): void;
}

/** The media side as a whole; owns the mediasoup workers. */
export interface MediaServer extends AsyncDisposable {
  readonly routerRtpCapabilities: Record<string, unknown>;
  /** Workers that do not run; `isTotal` = none does, so that no media can come in. Null when all run. */
  readonly fault: { isTotal: boolean; detail: string } | null;
  /** On the worker that serves the fewest desktops. */
  createIngress(): Promise<MediaIngress>;
}

/**
 * Writes the frames of one track of one recording into SCN segments. Cuts at the first key frame after `segmentS`, or after
 * pictures have strayed more than 20 ms from their time (asking for one), at size changes and at gaps above 10 s; each
 * sealed segment is reported once, in order.
 */
export interface TrackWriter extends FrameSink {
  /** Seals the open segment, waits until all are reported. Idempotent. */
  seal(): Promise<void>;
  /** Closes the open file without sealing; nothing is reported any more. Idempotent. */
  abandon(): Promise<void>;
}

export interface TrackWriterOptions {
  /** `<buffer>/<recordingId>/<trackId>`; made when missing. */
  folder: string;
  recordingId: string;
  trackId: string;
  codec: Codec;
  firstSegment: number;
  previousSha256: string | null;
  segmentS: number;
  /**
   * The wall time of a picture, as well as it is known by now. It may run faster or slower than the ticks and leap, as
   * clocks do; within a segment only ticks count.
   */
  wallTimeOf: (rtpTicks: number) => EpochMs;
  /** Noted in the file when the segment closes. */
  clockSource?: () => "sender-reports" | "arrival" | undefined;
  requestKeyFrame: () => void;
  onSegment: (segment: SegmentFacts) => void;
  /** The first frame of a segment file is in the file (written, so that a reader of the file can decode it). */
  onFirstFrameWritten: (segmentId: string, writtenAt: SteadyMs) => void;
  /** Frames of that time were taken but are in no file; told when their segment closes. */
  onFramesLost: (from: EpochMs, to: EpochMs, reason: GapReason) => void;
  /** A segment could not be written (disk full, …); the writer goes on with the next key frame. */
  onFault: (error: Error, reason: GapReason) => void;
}

/** A desktop as the admin sees it. */
export interface DesktopView {
  device: string;
  state: "idle" | "recording" | "paused" | "offline";
  displays: Display[];
  appVersion: string;
  /** Since when it is in this state. */
  since: EpochMs;
  /** What it takes of its PC while it captures, as it says; null before its first word. */
  figures: DesktopFigures | null;
}

/** What `GET /v1/agents` shows. */
export interface DesktopDirectory {
  agents(): { agent: string; desktops: DesktopView[] }[];
}

/** A stretch without picture that lasts. */
interface OpenGap {
  reason: GapReason;
  from: EpochMs;
}

/** What comes in of one monitor of a recording now. */
export interface ScreenView {
  desktop: string;
  display: string;
  codec: Codec;
  width: number;
  height: number;
  /** A desktop sends it. */
  hasSource: boolean;
  /** A picture of what is sent now was written. */
  hasPicture: boolean;
  gap: OpenGap | null;
  /** Over the last seconds; a screen that stands still sends next to nothing. */
  framesPerSecond: number;
  kbitPerSecond: number;
}

export interface CaptureView {
  screens: ScreenView[];
  /** Of the whole recording, from before there was a screen. */
  gap: OpenGap | null;
}

/** What `GET /v1/live` shows of captures. */
export interface CaptureViews {
  /** Null: nothing is captured for that recording. */
  captureOf(recordingId: string): CaptureView | null;
}
