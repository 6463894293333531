import type { Recording } from "#shared/api/recording.ts";
import type { Placement } from "#shared/archive/manifest.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Interval } from "./timeline.ts";

/** A sound file that was fetched from Dynamics and decodes. */
export interface AudioFile {
  /** Relative to the adapter's data folder. */
  path: string;
  bytes: number;
  sha256: string;
  /** What decoding yields, to the sample; headers of MP3 files only estimate it. */
  durationMs: DurationMs;
  /** What the recording's metadata says about its start; null when there is none or it does not say. */
  stated: StatedStart | null;
}

/** A start in the words of the recording's own metadata. */
export interface StatedStart {
  at: EpochMs;
  /** Half of what the notation leaves open: 1 with fractions of a second, 1000 without. */
  uncertaintyMs: DurationMs;
  /** When the recording was paused, as its metadata says; absent or empty: never. */
  pauses?: readonly Interval[];
  /** How an archived version knew it, where that is all that is left; absent: from the metadata. */
  placement?: Placement;
}

/** One audio part of a call: a row of msdyn_ocrecording with its file. */
export interface AudioPart {
  sourceId: string;
  /** When the row was made; the sound ended before. */
  createdOn: EpochMs;
  file: AudioFile;
}

/** An agent's presence in a session, in Dynamics' whole seconds. */
export interface Participant {
  agentId: string;
  /** Null when the offer was missed or rejected. */
  joinedOn: EpochMs | null;
  leftOn: EpochMs | null;
  /** Primary and Consult talk to the customer or the agent; Monitor and Preview only listen. */
  speaks: boolean;
}

/** What Dynamics says of a call session. */
export interface Conversation {
  closed: boolean;
  startedOn: EpochMs | null;
  /** Empty until the session is closed or an audio part without metadata has to be placed. */
  participants: readonly Participant[];
}

/** All that the adapter holds of one call session and that can go into a version of the archive. */
export interface InteractionFacts {
  interactionId: string;
  recordings: readonly Recording[];
  audio: readonly AudioPart[];
  conversation: Conversation | null;
}
