import { rmdirSync, rmSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Archive } from "../archive/archive.ts";
import { versionPlace } from "../archive/places.ts";
import { findInVersion } from "../domain/archived-source.ts";
import { planStitch } from "../domain/stitch-plan.ts";
import { AUDIO_FOLDER, findSource, recordingFolder, segmentPath, SOURCES } from "../handoff/source-paths.ts";
import type { AdapterStores } from "../store/stores.ts";
import { hashPlan } from "./archive-interaction.ts";
import { isWholeVersion } from "./archived-sources.ts";
import { gatherFacts } from "./gather-facts.ts";

/** A file that outlives its time by an hour does no harm. */
const LOOK_EVERY_MS: { least: DurationMs; most: DurationMs } = { least: 500, most: 3_600_000 };

export interface ReleaseOptions {
  stores: AdapterStores;
  archive: Archive;
  dataDir: string;
  /** How long raw material stays after the version that has all of it. */
  keepMs: DurationMs;
  clock: Clock;
  log: Log;
  /** A version of it is being made, from files that must stay meanwhile. */
  isBusy: (interactionId: string) => boolean;
  /** Its newest version is not what would be made of it now; it is to be looked at. */
  onStale: (interactionId: string) => void;
}

/** Removes raw material whose time is over, until the signal aborts. */
export async function runRelease(options: ReleaseOptions, signal: AbortSignal): Promise<void> {
  const everyMs = Math.min(LOOK_EVERY_MS.most, Math.max(LOOK_EVERY_MS.least, options.keepMs / 4));
  const logFault = (error: unknown) => {
    options.log.error({ err: error }, "raw material not removed, tried again later");
  };
  await finishRemovals(options).catch(logFault);
  while (!signal.aborted) {
    await releaseDue(options, signal).catch(logFault);
    await sleep(everyMs, undefined, { signal }).catch(() => undefined);
  }
}

async function releaseDue(options: ReleaseOptions, signal: AbortSignal): Promise<void> {
  const { stores, clock, keepMs, isBusy, log } = options;
  eraseLate(options);
  for (const id of stores.jobs.listWithSources(clock.now() - keepMs)) {
    if (signal.aborted) return;
    if (isBusy(id) || stores.custody.isHeld(id)) continue;
    // One that cannot be released must not keep the others.
    await release(id, options).catch((error: unknown) => {
      log.error({ err: error, interactionId: id }, "raw material not removed");
    });
  }
}

/**
 * Removes an interaction's segments and sounds, if its newest version is whole, is made from all of them and nothing newer
 * is on its way. The database says first where in the archive they are: a file without a row to it is only room.
 */
async function release(interactionId: string, options: ReleaseOptions): Promise<void> {
  const { stores, archive, dataDir, isBusy, onStale, log } = options;
  const job = stores.jobs.get(interactionId);
  if (job.folder === null || job.fault !== null) return;
  const place = versionPlace(job.folder, job.version);
  const manifest = await archive.readManifest(place);
  if (manifest === null || !(await isWholeVersion(archive, place, manifest))) {
    log.error(
      { interactionId, place: archive.storage.locate(place) },
      "raw material kept: its version is damaged",
    );
    return;
  }
  // From here to the end of the transaction nothing else runs.
  const plan = planStitch(gatherFacts(stores, interactionId));
  if (plan === null || isBusy(interactionId)) return;
  if (hashPlan(plan) !== stores.jobs.get(interactionId).planHash) {
    // Something is on its way, or a newer Deskreel would make another version of it.
    onStale(interactionId);
    return;
  }
  if (stores.recordings.listOf(interactionId).some(({ handedOff }) => !handedOff)) return;
  const found = findInVersion(plan, place);
  const paths: string[] = [];
  const files = new Map(stores.audio.listOf(interactionId).map((part) => [part.sourceId, part]));
  stores.transaction(() => {
    for (const { source, ...ref } of found.segments) {
      if (stores.recordings.findSegment(ref)?.archived !== null) continue;
      stores.recordings.markArchived(ref, source);
      paths.push(segmentPath(ref));
    }
    for (const { sourceId, source } of found.audio) {
      const part = files.get(sourceId);
      if (part === undefined || part.file === null || part.archived !== null) continue;
      stores.audio.markArchived(sourceId, source);
      paths.push(part.file.path);
    }
  });
  // At once: the same file may be fetched anew.
  for (const path of paths) removeFile(dataDir, path);
  log.info({ interactionId, files: paths.length }, "raw material removed, its time is over");
}

/** With the recording's folders that are empty then. */
function removeFile(dataDir: string, path: string): void {
  rmSync(join(dataDir, path), { force: true });
  if (dirname(path) === AUDIO_FOLDER) return;
  for (let folder = dirname(path); dirname(folder) !== "."; folder = dirname(folder)) {
    try {
      rmdirSync(join(dataDir, folder));
    } catch (error) {
      if (isSystemError(error, "ENOTEMPTY") || isSystemError(error, "ENOENT")) return;
      throw error;
    }
  }
}

/** Removes the files that a process that died had said to be in the archive. */
async function finishRemovals({ stores, dataDir }: ReleaseOptions): Promise<void> {
  const entries = await readdir(join(dataDir, SOURCES), { recursive: true, withFileTypes: true }).catch(
    (error: unknown) => {
      if (isSystemError(error, "ENOENT")) return [];
      throw error;
    },
  );
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const path = join(SOURCES, entry.parentPath.slice(join(dataDir, SOURCES).length), entry.name);
    const source = findSource(path);
    if (source === null) continue;
    const isArchived =
      "segmentId" in source
        ? (stores.recordings.findSegment(source)?.archived ?? null) !== null
        : stores.audio.isArchivedFile(path);
    if (isArchived) removeFile(dataDir, path);
  }
}

/**
 * What came of a deleted interaction after its tombstone: it is in no version and never will be. In one go, for more of it
 * may be on its way.
 */
function eraseLate({ stores, dataDir, log }: ReleaseOptions): void {
  for (const interactionId of stores.custody.listDeletedWithSources()) {
    const { recordings, audio } = stores.custody.sourcesOf(interactionId);
    for (const id of recordings) rmSync(join(dataDir, recordingFolder(id)), { recursive: true, force: true });
    for (const path of audio) rmSync(join(dataDir, path), { force: true });
    stores.custody.forgetSources(interactionId);
    log.info({ interactionId }, "raw material of a deleted interaction removed");
  }
}
