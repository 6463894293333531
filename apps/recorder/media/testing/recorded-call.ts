import { join } from "node:path";
import type { CallEventType } from "#shared/api/call-event.ts";
import type { Recording } from "#shared/api/recording.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import { memoryFolder } from "../../../../build/test/memory-folder.ts";
import { AgentDirectory } from "../../agents/agent-directory.ts";
import { PauseControl } from "../../agents/pause-control.ts";
import { openCallBuffer } from "../../call-buffer/call-buffer.ts";
import { CaptureCoordinator } from "../../capture/coordinator.ts";
import type { DesktopSession } from "../../capture/desktop-session.ts";
import type { MediaServer } from "../../capture/ports.ts";
import type { CaptureStore } from "../../capture/recorded-track.ts";
import { RecordingControl } from "../../control/recording-control.ts";
import { SegmentDisk } from "../../scn/segment-disk.ts";
import { createTrackWriter } from "../../scn/track-writer.ts";

const AGENT = "ann@contoso.com";
const BY = "integration";
/** The desktop's only monitor. */
export const DISPLAY = { id: "1", width: 640, height: 360, scale: 1, primary: true };

/** A connected call of an agent whose desktop is there, in a real recorder but for HTTP and the desktops' channel. */
export interface RecordedCall extends AsyncDisposable {
  /** The call buffer's. */
  readonly folder: string;
  readonly desktop: DesktopSession;
  /** The transport that the desktop has got. */
  readonly transport: Awaited<ReturnType<DesktopSession["createTransport"]>>;
  say(type: CallEventType): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** As `GET /v1/recordings` shows it now. */
  recording(): Recording;
  fileOf(trackId: string, segmentId: string): string;
}

/** Opens it on a folder of its own; `media` is the caller's. */
export async function openRecordedCall(
  media: MediaServer,
  clock: SteadyClock,
  segmentS = 60,
): Promise<RecordedCall> {
  await using parts = new AsyncDisposableStack();
  const { path: folder } = parts.use(await memoryFolder());
  const log = silentLog();
  const { lifecycle, policy, capture: capturePolicy } = loadConfig(undefined, {}, folder).recorder;
  const buffer = parts.use(await openCallBuffer(folder));
  const disk = new SegmentDisk();
  const store: CaptureStore = {
    ...{ catalogue: buffer.capture, bufferDir: folder, segmentS, clock },
    createTrackWriter: (options) => createTrackWriter(options, disk),
  };
  const capture = parts.use(new CaptureCoordinator({ store, media, policy: capturePolicy, log }));
  const names = parts.use(new AgentDirectory({ buffer, clock, log }));
  const { maxPauseS } = lifecycle;
  const pauses = parts.use(new PauseControl({ buffer, capture, names, clock, log, maxPauseS }));
  const control = parts.use(
    new RecordingControl({ buffer, capture, clock, log, lifecycle, policy, lookUpEvidence: null }),
  );
  control.resume();

  let events = 0;
  async function say(type: CallEventType): Promise<void> {
    events += 1;
    const at = clock.now();
    const event = { id: `e${events}`, type, at, agent: AGENT, callSessionId: "c1", attributes: {} };
    await control.takeEvents(() => [{ event, raw: "{}" }], at);
  }
  function recording(): Recording {
    const [found] = buffer.recordings.list({}, 1, null).items;
    if (found === undefined) throw new Error("there is no recording");
    return found;
  }

  const identity = { agent: AGENT, device: "PC-0815", osUser: "ann", appVersion: "0.1.0" };
  const desktop = capture.agent(AGENT).desktop(identity);
  const link = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    setPolicy: () => Promise.resolve(),
    dismiss() {},
  };
  await desktop.connect(link, { displays: [DISPLAY], appVersion: "0.1.0", heldTransportId: null });
  const transport = await desktop.createTransport();
  await say("ringing");
  await say("connected");

  const owned = parts.move();
  return {
    folder,
    desktop,
    transport,
    say,
    pause: async () => void (await pauses.pause(AGENT, "card number", BY)),
    resume: () => pauses.resume(AGENT, BY),
    recording,
    fileOf: (trackId, segmentId) => join(folder, recording().id, trackId, `${segmentId}.scn`),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
