import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "#shared/runtime/durable-file.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AudioFile, StatedStart } from "../domain/interaction-facts.ts";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { type DownloadedFile, downloadFile } from "../dynamics/download-file.ts";
import { readStatedStart } from "../dynamics/recording-metadata.ts";
import { type RecordingRow, readRecording } from "../dynamics/recording-rows.ts";
import { AudioFaultError, measureAudio } from "../stitch/measure-audio.ts";
import type { AudioStore, StoredAudio } from "../store/audio-store.ts";

/** Metadata is a few hundred bytes; what is far longer is something else and is not read into memory. */
const METADATA_MAX_BYTES = 1 << 20;
const AUDIO_FOLDER = join("sources", "audio");

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
  if (row === null) return giveUp(part, "its row was deleted at Dynamics", fetch, log);
  audio.noteListed(row, clock.now());
  const current = { ...part, version: row.version, interactionId: row.interactionId };
  if (row.interactionId === null) return waitOn(current, "its row names no conversation", fetch, log);
  if (!row.hasSound) return waitOn(current, "its row has no file", fetch, log);
  const before = part.file;
  try {
    const file = await fetchFile(row, fetch);
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
    log.error({ err: error }, "audio part is faulty, its call goes on without it");
    return true;
  }
}

async function fetchFile(row: RecordingRow, fetch: AudioFetch): Promise<AudioFile | null> {
  const { client, dataDir, signal } = fetch;
  const folder = join(dataDir, AUDIO_FOLDER);
  await mkdir(folder, { recursive: true });
  const draft = join(folder, `${row.sourceId}.part`);
  try {
    const sound = await downloadFile(client, row.sourceId, "msdyn_recording", draft, signal);
    if (sound === null) return null;
    const { format, durationMs } = await measureAudio(draft, signal);
    const stated = row.hasMetadata ? await fetchStatedStart(row, `${draft}.json`, fetch) : null;
    // Named by content: a version that is being stitched keeps its file when a new one comes.
    const path = join(AUDIO_FOLDER, `${row.sourceId}-${sound.sha256.slice(0, 16)}.${format}`);
    await rename(draft, join(dataDir, path));
    await syncFolder(folder);
    return { path, ...sound, durationMs, stated };
  } finally {
    await rm(draft, { force: true });
  }
}

async function fetchStatedStart(
  row: RecordingRow,
  draft: string,
  fetch: AudioFetch,
): Promise<StatedStart | null> {
  try {
    const file: DownloadedFile | null = await downloadFile(
      fetch.client,
      row.sourceId,
      "msdyn_recordingmetadata",
      draft,
      fetch.signal,
    );
    const text = file === null || file.bytes > METADATA_MAX_BYTES ? null : await readFile(draft, "utf8");
    const stated = text === null ? null : readStatedStart(text);
    if (stated === null) {
      fetch.log.warn(
        { sourceId: row.sourceId, bytes: file?.bytes ?? 0 },
        "metadata does not say when the audio begins",
      );
    }
    return stated;
  } finally {
    await rm(draft, { force: true });
  }
}

function waitOn(part: StoredAudio, why: string, fetch: AudioFetch, log: Log): boolean {
  const now: EpochMs = fetch.clock.now();
  if (now - part.firstSeenAt >= fetch.giveUpAfterMs) return giveUp(part, why, fetch, log);
  fetch.audio.postpone(part.sourceId, part.version, null, now + fetch.waitMs(part.attempts));
  return false;
}

function giveUp(part: StoredAudio, why: string, { audio, clock }: AudioFetch, log: Log): boolean {
  if (part.file !== null) {
    // What was fetched stays what it is, whatever became of its row.
    audio.markFetched(part.sourceId, part.version, part.file, clock.now());
    return false;
  }
  audio.markFaulty(part.sourceId, part.version, why, clock.now());
  log.error({ reason: why }, "audio part given up, its call goes on without it");
  return true;
}
