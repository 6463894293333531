import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "#shared/runtime/durable-file.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AudioFile, StatedStart } from "../domain/interaction-facts.ts";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { downloadFile } from "../dynamics/download/download-file.ts";
import { removePartial } from "../dynamics/download/partial-file.ts";
import { readStatedStart } from "../dynamics/recording-metadata.ts";
import { type RecordingRow, readRecording } from "../dynamics/recording-rows.ts";
import { AudioFaultError, measureAudio } from "../stitch/measure-audio.ts";
import { AUDIO_FOLDER } from "../handoff/source-paths.ts";
import type { AudioStore, StoredAudio } from "../store/audio-store.ts";

/** Metadata is a few hundred bytes; what is far longer is something else and is not read into memory. */
const METADATA_MAX_BYTES = 1 << 20;

export interface AudioFetch {
  client: DataverseClient;
  audio: AudioStore;
  dataDir: string;
  /** A row may stay without a file or without a conversation for this long. */
  giveUpAfterMs: number;
  /** When a row without file is looked at again, by how often it was. */
  waitMs: (attempts: number) => number;
  clock: Clock;
  log: Log;
  signal: AbortSignal;
}

/**
 * Fetches one part that is due: its row as it is now, its sound, its metadata; then measures it.
 *
 * @returns whether the part changed for its interaction.
 * @throws DataverseError when Dynamics fails; the part stays due.
 */
export async function fetchAudio(part: StoredAudio, fetch: AudioFetch): Promise<boolean> {
  const { audio, clock } = fetch;
  const log = fetch.log.child({ sourceId: part.sourceId, interactionId: part.interactionId });
  const row = await readRecording(fetch.client, part.sourceId, fetch.signal);
  if (row === null) return await giveUp(part, "its row was deleted at Dynamics", fetch, log);
  audio.noteListed(row, clock.now());
  const current = { ...part, version: row.version, interactionId: row.interactionId };
  if (row.interactionId === null) return waitOn(current, "its row names no conversation", fetch, log);
  if (row.soundId === null) return waitOn(current, "its row has no file", fetch, log);
  const before = part.file;
  try {
    const file = await fetchFile(row, row.soundId, { ...fetch, log });
    if (file === null) return waitOn(current, "its row has no file", fetch, log);
    audio.markFetched(row.sourceId, row.version, file, clock.now());
    const { bytes, durationMs, stated } = file;
    log.info({ bytes, durationMs: Math.round(durationMs), placed: stated !== null }, "audio part fetched");
    if (before !== null && before.path !== file.path)
      await rm(join(fetch.dataDir, before.path), { force: true });
    return true;
  } catch (error) {
    if (!(error instanceof AudioFaultError)) throw error;
    audio.markFaulty(row.sourceId, row.version, error.message, clock.now());
    const what = before === null ? "its call goes on without it" : "the sound that it had before stays";
    log.error({ err: error }, `audio part is faulty, ${what}`);
    return true;
  }
}

async function fetchFile(row: RecordingRow, soundId: string, fetch: AudioFetch): Promise<AudioFile | null> {
  const { client, dataDir, log, signal } = fetch;
  const folder = join(dataDir, AUDIO_FOLDER);
  await mkdir(folder, { recursive: true });
  // It stays until it is whole, so that a later try goes on with it.
  const draft = draftPath(dataDir, row.sourceId);
  const sound = { sourceId: row.sourceId, column: "msdyn_recording", fileId: soundId } as const;
  const file = await downloadFile(sound, draft, { client, log, signal });
  if (file === null) {
    await removePartial(draft);
    return null;
  }
  // Named by content: a version that is being stitched keeps its file when a new one comes.
  const named = (extension: string) =>
    join(AUDIO_FOLDER, `${row.sourceId}-${file.sha256.slice(0, 16)}.${extension}`);
  const publish = async (path: string) => {
    await rename(draft, join(dataDir, path));
    await removePartial(draft);
    await syncFolder(folder);
  };
  try {
    const { format, durationMs } = await measureAudio(draft, signal);
    const stated = row.metadataId === null ? null : await fetchStatedStart(row, row.metadataId, draft, fetch);
    await publish(named(format));
    return { path: named(format), ...file, durationMs, stated };
  } catch (error) {
    if (!(error instanceof AudioFaultError)) throw error;
    // Whoever looks into it needs its bytes, and Dynamics may delete them.
    await publish(named("unusable"));
    const message = `${error.message}; its ${file.bytes} bytes are kept as ${named("unusable")}`;
    throw new AudioFaultError(error.code, message, { cause: error });
  }
}

function draftPath(dataDir: string, sourceId: string): string {
  return join(dataDir, AUDIO_FOLDER, `${sourceId}.part`);
}

async function fetchStatedStart(
  row: RecordingRow,
  metadataId: string,
  draft: string,
  { client, log, signal }: AudioFetch,
): Promise<StatedStart | null> {
  const path = `${draft}.json`;
  const metadata = {
    sourceId: row.sourceId,
    column: "msdyn_recordingmetadata",
    fileId: metadataId,
  } as const;
  const file = await downloadFile(metadata, path, { client, log, signal });
  try {
    const text = file === null || file.bytes > METADATA_MAX_BYTES ? null : await readFile(path, "utf8");
    const stated = text === null ? null : readStatedStart(text);
    if (stated === null) {
      const facts = { sourceId: row.sourceId, bytes: file?.bytes ?? 0 };
      log.warn(facts, "metadata does not say when the audio begins");
    }
    return stated;
  } finally {
    await removePartial(path);
  }
}

async function waitOn(part: StoredAudio, why: string, fetch: AudioFetch, log: Log): Promise<boolean> {
  const now: EpochMs = fetch.clock.now();
  if (now - part.firstSeenAt >= fetch.giveUpAfterMs) return giveUp(part, why, fetch, log);
  fetch.audio.postpone(part.sourceId, part.version, null, now + fetch.waitMs(part.attempts));
  return false;
}

async function giveUp(
  part: StoredAudio,
  why: string,
  { audio, clock, dataDir }: AudioFetch,
  log: Log,
): Promise<boolean> {
  await removePartial(draftPath(dataDir, part.sourceId));
  if (part.file !== null) {
    // What was fetched stays what it is, whatever became of its row.
    audio.markFetched(part.sourceId, part.version, part.file, clock.now());
    return false;
  }
  audio.markFaulty(part.sourceId, part.version, why, clock.now());
  log.error({ reason: why }, "audio part given up, its call goes on without it");
  return true;
}
