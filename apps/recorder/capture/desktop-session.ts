import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs, SteadyMs } from "#shared/time/units.ts";
import type {
  CapturePolicy,
  DesktopFigures,
  Display,
  DISPLAY_FAULTS,
  PRODUCER_ENDS,
} from "#shared/protocol/messages.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import type { CaptureCommand, DesktopIdentity, DesktopLink } from "./desktop-link.ts";
import type { DesktopView, MediaIngress, MediaServer } from "./ports.ts";
import type { LiveTrack } from "./recording-capture.ts";

/** Why a live stream ends; for recordings that are still open then, it is the reason of their gap. */
type TrackEnd = ProducerEnd | "connection-lost" | "media-worker-restart" | "desktop-updated";
/** Why a desktop itself ended a stream, for the gap. */
type ProducerEnd = Exclude<(typeof PRODUCER_ENDS)[number], "stopped">;
/** Why a display gives no picture. */
export type DisplayFault = (typeof DISPLAY_FAULTS)[number];

/** What a desktop's session tells the agent's capture. */
export interface DesktopSessionEvents {
  isWanted(): boolean;
  trackAdded(track: LiveTrack): void;
  trackRemoved(track: LiveTrack, reason: TrackEnd, from: EpochMs): void;
  displayFailed(desktop: string, display: Display, reason: DisplayFault): void;
}

/**
 * A desktop as the recorder knows it, from its first connection on. Its media outlives its socket: a lost WebSocket
 * does not stop the pictures that still come in by WebRTC, and the same desktop may take them up again.
 */
export class DesktopSession {
  readonly #trackName: string;
  #identity: DesktopIdentity;
  readonly #media: MediaServer;
  readonly #clock: SteadyClock;
  readonly #events: DesktopSessionEvents;
  readonly #log: Log;
  readonly #tracks = new Map<string, LiveTrack>();
  #displays: Display[] = [];
  #appVersion: string;
  #figures: DesktopFigures | null = null;
  #link: DesktopLink | null = null;
  #ingress: MediaIngress | null = null;
  #state: DesktopView["state"] = "offline";
  /** Since when it is in this state. */
  #since: SteadyMs;
  #onlineSince: EpochMs;
  #isUpdating = false;

  /** @param trackName - what its tracks are called in recordings: the device, as a rule. */
  constructor(
    identity: DesktopIdentity,
    trackName: string,
    media: MediaServer,
    clock: SteadyClock,
    events: DesktopSessionEvents,
    log: Log,
  ) {
    this.#identity = identity;
    this.#trackName = trackName;
    this.#appVersion = identity.appVersion;
    this.#media = media;
    this.#clock = clock;
    this.#events = events;
    this.#since = clock.steady();
    this.#onlineSince = clock.now();
    this.#log = log.child({ device: identity.device });
  }

  get identity(): DesktopIdentity {
    return this.#identity;
  }

  /** Since when a connection stands; the time of its loss when none does. */
  get onlineSince(): EpochMs {
    return this.#onlineSince;
  }

  /** What it says of itself at a further connection. */
  introduce(identity: DesktopIdentity): void {
    this.#identity = identity;
  }

  /** It said that it leaves for an update, and has not been back. */
  get isUpdating(): boolean {
    return this.#isUpdating;
  }

  get isOnline(): boolean {
    return this.#link !== null;
  }

  get tracks(): Iterable<LiveTrack> {
    return this.#tracks.values();
  }

  /** Whether pictures can come from here now or soon. */
  get isReachable(): boolean {
    return this.isOnline || this.#tracks.size > 0;
  }

  view(): DesktopView {
    return {
      device: this.#identity.device,
      state: this.#state,
      displays: this.#displays,
      appVersion: this.#appVersion,
      since: this.#clock.wallAt(this.#since),
      figures: this.#state === "recording" ? this.#figures : null,
    };
  }

  /** What it takes of its PC now. */
  setFigures(figures: DesktopFigures): void {
    const before = this.#figures?.budget ?? "normal";
    this.#figures = figures;
    if (figures.budget === before) return;
    if (figures.budget === "exceeded")
      this.#log.warn({ ...figures }, "desktop cannot keep its budget, even with the fewest frames");
    else this.#log.info({ ...figures }, "desktop follows its budget");
  }

  /**
   * A connection of this desktop is welcome from now on.
   *
   * @param heldTransportId - the WebRTC transport that the desktop still has, null for none.
   * @returns whether that transport is still held here too; else what was held of it is gone.
   */
  async connect(
    link: DesktopLink,
    facts: { displays: Display[]; appVersion: string; heldTransportId: string | null },
  ): Promise<boolean> {
    this.#link = link;
    this.#isUpdating = false;
    this.#onlineSince = this.#clock.now();
    this.#displays = facts.displays;
    this.#appVersion = facts.appVersion;
    const isResumed = facts.heldTransportId !== null && facts.heldTransportId === this.#ingress?.transportId;
    if (!isResumed) await this.dropMedia();
    this.#refresh();
    this.#log.info({ displays: facts.displays.length, resumed: isResumed }, "desktop connected");
    return isResumed;
  }

  /** The connection is gone. Without effect when another one has taken over. */
  disconnect(link: DesktopLink): boolean {
    if (this.#link !== link) return false;
    this.#link = null;
    this.#refresh();
    this.#log.info("desktop disconnected");
    return true;
  }

  /** This agent's no more: its tracks and its connection end; it comes back as whose it is. */
  async leave(): Promise<void> {
    const link = this.#link;
    const ingress = this.#ingress;
    this.#link = null;
    this.#ingress = null;
    const now = this.#clock.now();
    const closed = [...this.#tracks.values()].map((track) => this.#closeTrack(track, "desktop-offline", now));
    this.#refresh();
    this.#log.info("desktop is another agent's from now on");
    link?.dismiss("moved");
    await Promise.all(closed);
    await ingress?.[Symbol.asyncDispose]();
  }

  /** It ends in order, and comes back as a newer version: until then its tracks have a gap of their own kind. */
  async leaveForUpdate(): Promise<void> {
    this.#isUpdating = true;
    this.#log.info({ tracks: this.#tracks.size }, "desktop leaves for an update");
    await this.dropMedia("desktop-updated");
  }

  setDisplays(displays: Display[]): void {
    this.#displays = displays;
    this.#log.info({ displays: displays.length }, "displays changed");
  }

  /** Tells the desktop to capture, or with null to stop. Faults are logged: a lost desktop is told again when it returns. */
  async command(command: CaptureCommand | null): Promise<void> {
    // Sent before anything is awaited: commands must reach the desktop in the order in which they were given.
    const answer = command === null ? this.#link?.stop() : this.#link?.start(command);
    try {
      await Promise.all([answer, command === null ? this.#closeTracks("connection-lost") : undefined]);
    } catch (error) {
      this.#log.warn({ err: error, command: command === null ? "stop" : "start" }, "command failed");
    }
  }

  /** Tells a desktop that is connected; others are told when they come. */
  async setPolicy(policy: CapturePolicy): Promise<void> {
    try {
      await this.#link?.setPolicy(policy);
    } catch (error) {
      this.#log.warn({ err: error }, "desktop did not take the policy");
    }
  }

  async createTransport(): Promise<MediaIngress> {
    await this.dropMedia();
    const ingress = await this.#media.createIngress();
    if (!this.isOnline) {
      await ingress[Symbol.asyncDispose]();
      throw new DeskreelError("DESKTOP_GONE", "the desktop disconnected while its transport was made");
    }
    this.#ingress = ingress;
    ingress.onLost(() => this.#mediaLost(ingress));
    return ingress;
  }

  async connectTransport(transportId: string, dtlsParameters: Record<string, unknown>): Promise<void> {
    await this.#ingressOf(transportId).connect(dtlsParameters);
  }

  /** @returns the producer's id. */
  async produce(
    transportId: string,
    display: Display,
    rtpParameters: Record<string, unknown>,
  ): Promise<string> {
    const ingress = this.#ingressOf(transportId);
    if (!this.#events.isWanted())
      throw new DeskreelError("NOT_RECORDING", "no recording of this agent is open");
    const stream = await ingress.produce(rtpParameters);
    if (this.#ingress !== ingress || !this.#events.isWanted()) {
      await stream[Symbol.asyncDispose]();
      throw new DeskreelError("NOT_RECORDING", "the recording ended while the stream was set up");
    }
    const track: LiveTrack = { desktop: this.#trackName, display, stream };
    this.#tracks.set(stream.producerId, track);
    this.#refresh();
    this.#log.info({ display: display.id, codec: stream.codec }, "track began");
    this.#events.trackAdded(track);
    return stream.producerId;
  }

  /** Closing what is not there (any more) is no fault: the recorder may have closed it first. */
  async closeProducer(producerId: string, reason: ProducerEnd | "stopped"): Promise<void> {
    const track = this.#tracks.get(producerId);
    if (!track) return;
    if (reason === "stopped") await this.#closeTrack(track, "connection-lost", this.#lastSignOf(track));
    else await this.#closeTrack(track, reason, this.#clock.now());
  }

  failDisplay(display: Display, reason: DisplayFault, message: string): void {
    this.#log.warn({ display: display.id, reason, message }, "display cannot be captured");
    this.#events.displayFailed(this.#trackName, display, reason);
  }

  /** Lets go of the media of a desktop that went away, once nothing has come from it since `before`. */
  async dropStaleMedia(before: SteadyMs): Promise<void> {
    if (this.isOnline || this.#ingress === null) return;
    const isStale = [...this.#tracks.values()].every((track) => track.stream.lastSignAt < before);
    if (isStale && (this.#tracks.size > 0 || this.#since < before)) await this.dropMedia();
  }

  async dropMedia(reason: TrackEnd = "connection-lost"): Promise<void> {
    const ingress = this.#ingress;
    this.#ingress = null;
    await this.#closeTracks(reason);
    await ingress?.[Symbol.asyncDispose]();
  }

  /** Its worker died: the tracks end where they were, and the desktop comes back with a new transport. */
  #mediaLost(ingress: MediaIngress): void {
    if (this.#ingress !== ingress) return;
    this.#ingress = null;
    const link = this.#link;
    this.#log.warn({ tracks: this.#tracks.size }, "media worker lost, desktop is sent for again");
    this.#closeTracks("media-worker-restart").catch((error: unknown) =>
      this.#log.error({ err: error }, "tracks of a lost media worker could not be closed"),
    );
    link?.dismiss("media-lost");
  }

  async #closeTracks(reason: TrackEnd): Promise<void> {
    await Promise.all(
      [...this.#tracks.values()].map((track) => this.#closeTrack(track, reason, this.#lastSignOf(track))),
    );
  }

  async #closeTrack(track: LiveTrack, reason: TrackEnd, from: EpochMs): Promise<void> {
    this.#tracks.delete(track.stream.producerId);
    this.#refresh();
    this.#log.info({ display: track.display.id, wanted: this.#events.isWanted() }, "track ended");
    this.#events.trackRemoved(track, reason, from);
    await track.stream[Symbol.asyncDispose]();
  }

  #lastSignOf({ stream }: LiveTrack): EpochMs {
    return this.#clock.wallAt(stream.lastSignAt);
  }

  #ingressOf(transportId: string): MediaIngress {
    if (this.#ingress?.transportId === transportId) return this.#ingress;
    throw new DeskreelError(
      "UNKNOWN_TRANSPORT",
      `transport ${transportId} is not this desktop's; make one with create-transport`,
    );
  }

  #refresh(): void {
    const state = !this.isOnline ? "offline" : this.#tracks.size > 0 ? "recording" : "idle";
    if (state === this.#state) return;
    this.#state = state;
    this.#since = this.#clock.steady();
  }
}
