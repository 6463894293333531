import { randomUUID } from "node:crypto";
import type { EpochMs } from "#shared/time/units.ts";
import type { DataverseStore, FileBytes } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES } from "../dataverse/entity-types.ts";
import type { AudioFormat } from "../../speech/encode-audio.ts";

const MIME_TYPES: Record<AudioFormat, string> = { mp3: "audio/mpeg", wav: "audio/wav", m4a: "audio/mp4" };

/** What Azure Communication Services writes beside a recording (its call recording quickstart). */
export interface RecordingMetadata {
  readonly resourceId: string;
  readonly callId: string;
  readonly chunkDocumentId: string;
  readonly chunkIndex: number;
  /** UTC with milliseconds. */
  readonly chunkStartTime: string;
  /** In ms. */
  readonly chunkDuration: number;
  readonly pauseResumeIntervals: readonly { readonly startTime: string; readonly duration: number }[];
  readonly recordingInfo: {
    readonly contentType: string;
    readonly channelType: string;
    readonly format: string;
    readonly audioConfiguration: {
      readonly sampleRate: number;
      readonly bitRate: number;
      readonly channels: number;
    };
  };
  readonly participants: readonly { readonly participantId: string }[];
}

/** Adds a recording's row, with no file yet. Returns its id. */
export function insertRecording(store: DataverseStore, conversationId: string, name: string): string {
  return store.insert(ENTITY_TYPES.recordings, {
    msdyn_name: name,
    msdyn_liveworkitemid: conversationId,
    msdyn_recordingtarget: conversationId,
    statecode: 0,
    statuscode: 1,
  });
}

/**
 * Puts the sound, and before it the metadata if there is any, into a recording's row: whoever sees the sound can rely
 * on the metadata being there or never coming.
 */
export function attachRecording(
  store: DataverseStore,
  recordingId: string,
  sound: { format: AudioFormat; bytes: FileBytes; fileName?: string },
  metadata: unknown,
): void {
  if (metadata !== null && metadata !== undefined) {
    store.attachFile(ENTITY_TYPES.recordings, recordingId, "msdyn_recordingmetadata", {
      fileName: "callRecordingMetadata.json",
      mimeType: "application/json",
      bytes: Buffer.from(typeof metadata === "string" ? metadata : JSON.stringify(metadata)),
    });
  }
  store.attachFile(ENTITY_TYPES.recordings, recordingId, "msdyn_recording", {
    fileName: sound.fileName ?? `callRecording.${sound.format}`,
    mimeType: MIME_TYPES[sound.format],
    bytes: sound.bytes,
  });
}

/** The metadata of a part that this simulator made. */
export function recordingMetadata(part: {
  callId: string;
  index: number;
  startsAt: EpochMs;
  durationMs: number;
  format: AudioFormat;
  sampleRate: number;
  bitRate: number;
  agents: readonly string[];
}): RecordingMetadata {
  return {
    resourceId: randomUUID(),
    callId: part.callId,
    chunkDocumentId: `${part.index}-sim-${randomUUID()}`,
    chunkIndex: part.index,
    chunkStartTime: new Date(part.startsAt).toISOString(),
    chunkDuration: part.durationMs,
    pauseResumeIntervals: [],
    recordingInfo: {
      contentType: "audio",
      channelType: "mixed",
      format: part.format,
      audioConfiguration: { sampleRate: part.sampleRate, bitRate: part.bitRate, channels: 1 },
    },
    participants: part.agents.map((agent) => ({ participantId: `8:orgid:${agent}` })),
  };
}
