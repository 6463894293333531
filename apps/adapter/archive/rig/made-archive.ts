import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Manifest } from "#shared/archive/manifest.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { Archive } from "../archive.ts";
import { interactionPlace, versionPlace } from "../places.ts";
import { openSigningKey } from "../signing-key.ts";
import type { ArchiveStorage } from "../storage/archive-storage.ts";
import { FolderStorage } from "../storage/folder-storage.ts";

/** When everything in these archives happened. */
export const MADE_AT = Date.UTC(2026, 2, 2, 10);

/**
 * The archive in `<folder>/archive` with its key beside it, as an adapter opens it at its start.
 *
 * @param storage - of an archive elsewhere.
 */
export async function openMadeArchive(folder: string, storage?: ArchiveStorage): Promise<Archive> {
  const key = await openSigningKey(join(folder, "signing-key.pem"));
  const where = storage ?? (await FolderStorage.prepare(join(folder, "archive")));
  return await Archive.open(where, key, silentLog(), MADE_AT);
}

function madeManifest(
  interactionId: string,
  version: number,
  content: string,
  change: Partial<Manifest> = {},
): Manifest {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return {
    format: "deskreel.interaction/1",
    interactionId,
    version,
    startedAt: formatInstant(MADE_AT),
    endedAt: formatInstant(MADE_AT + 60_000),
    durationMs: 60_000,
    coverage: "recorded",
    call: {},
    agents: [],
    events: [],
    audio: null,
    screens: [],
    files: [{ name: "audio.m4a", bytes: Buffer.byteLength(content), sha256 }],
    ...change,
  };
}

/** Archives a version with one file, as the adapter does; returns its folder, or where it lies in the bucket. */
export async function archiveMade(
  archive: Archive,
  interactionId: string,
  version: number,
  options: { startedAt?: EpochMs; change?: Partial<Manifest> } = {},
): Promise<string> {
  const { startedAt = MADE_AT, change = {} } = options;
  const content = `sound of ${interactionId} ${version}`;
  const place = versionPlace(interactionPlace(interactionId, startedAt), version);
  const draft = await archive.beginVersion(place);
  await writeFile(join(draft, "audio.m4a"), content);
  const times = { startedAt: formatInstant(startedAt), endedAt: formatInstant(startedAt + 60_000) };
  const manifest = madeManifest(interactionId, version, content, { ...times, ...change });
  await archive.finishVersion(place, draft, manifest);
  return archive.storage.locate(place);
}

/** A version as it was archived before archives had keys. */
export async function archiveUnsigned(folder: string, interactionId: string): Promise<string> {
  const version = join(folder, "archive/2026/03/02", interactionId, "v1");
  await mkdir(version, { recursive: true });
  const content = `sound of ${interactionId}`;
  await writeFile(join(version, "audio.m4a"), content);
  await writeFile(join(version, "manifest.json"), JSON.stringify(madeManifest(interactionId, 1, content)));
  return version;
}
