import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { type Codec, CODECS } from "#shared/api/recording.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Archive } from "../archive/archive.ts";
import { versionPlace } from "../archive/places.ts";
import { adoptManifest } from "../domain/adopt-manifest.ts";
import type { ArchivedFile, ArchivedLookup } from "../domain/archived-source.ts";
import { runFfprobe } from "../stitch/run-ffmpeg.ts";
import type { AdapterStores } from "../store/stores.ts";

/** Which of an interaction's sources are in the archive only. */
export function lookUpArchived(stores: AdapterStores, interactionId: string): ArchivedLookup {
  const key = (...ids: string[]) => JSON.stringify(ids);
  const segments = new Map(
    stores.recordings
      .listArchivedOf(interactionId)
      .map((found) => [key(found.recordingId, found.trackId, found.segmentId), found.archived]),
  );
  const audio = new Map(stores.audio.listOf(interactionId).map((found) => [found.sourceId, found.archived]));
  return {
    segment: ({ recordingId, trackId, segmentId }) =>
      segments.get(key(recordingId, trackId, segmentId)) ?? null,
    audio: (sourceId) => audio.get(sourceId) ?? null,
  };
}

/**
 * Copies a file of a finished version to this machine.
 *
 * @param folder - where it goes; is made.
 * @returns its absolute path.
 * @throws DeskreelError `ARCHIVE_DAMAGED` when it is not there, or not what its manifest lists: no version is made from it.
 */
export async function copyFromArchive(
  archive: Archive,
  { place, file }: ArchivedFile,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const at = archive.storage.locate(`${place}/${file}`);
  const damaged = (what: string) => new DeskreelError("ARCHIVE_DAMAGED", `${at} ${what}; see npm run verify`);
  const listed = (await archive.readManifest(place))?.files.find(({ name }) => name === file);
  if (listed === undefined) throw damaged("is in no manifest");
  const bytes = await archive.storage.open(`${place}/${file}`);
  if (bytes === null) throw damaged("is missing");
  const path = join(folder, ...place.split("/"), file);
  await mkdir(join(path, ".."), { recursive: true });
  const hash = createHash("sha256");
  await pipeline(
    bytes,
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(path),
    { signal },
  );
  const sha256 = hash.digest("hex");
  if (sha256 !== listed.sha256) throw damaged(`has sha256 ${sha256}, its manifest lists ${listed.sha256}`);
  return path;
}

export interface Adoption {
  stores: AdapterStores;
  archive: Archive;
  clock: Clock;
  /** For copies of screens, to read their codecs; the caller removes it. */
  scratch: string;
  signal: AbortSignal;
}

/**
 * Gives the database what it lacks of a version that the archive has and the database has not made, or has forgotten, so
 * that the next version has all of it. Done again it changes nothing.
 */
export async function adoptVersion(
  interactionId: string,
  version: number,
  folder: string,
  { stores, archive, clock, scratch, signal }: Adoption,
): Promise<void> {
  const place = versionPlace(folder, version);
  const manifest = await archive.readManifest(place);
  if (manifest === null) return;
  const listKnown = () => stores.recordings.listOf(interactionId).map(({ recording }) => recording);
  const here = new Set(listKnown().map(({ id }) => id));
  const codecs = new Map<string, Codec>();
  for (const { file, recordingId } of manifest.screens) {
    if (here.has(recordingId)) continue;
    const path = await copyFromArchive(archive, { place, file }, scratch, signal);
    codecs.set(file, await readCodec(path, signal));
  }
  const adopted = adoptManifest(manifest, place, codecs);
  // A recorder or Dynamics may have given some of it meanwhile: that goes before.
  const known = new Set(listKnown().map(({ id }) => id));
  // An agent without screens stands for recordings whose ids the version does not tell.
  const agents = new Set(listKnown().map(({ agent }) => agent));
  const isNew = (id: string, agent: string, tracks: readonly unknown[]) =>
    !known.has(id) && (tracks.length > 0 || !agents.has(agent));
  const parts = new Map(stores.audio.listOf(interactionId).map((part) => [part.sourceId, part]));
  stores.transaction(() => {
    for (const recording of adopted.recordings) {
      if (isNew(recording.id, recording.agent, recording.tracks))
        stores.recordings.markHandedOff(recording, clock.now());
    }
    for (const { bytes, sha256, source, ...ref } of adopted.segments) {
      if (known.has(ref.recordingId)) continue;
      stores.recordings.addSegment({ ...ref, path: "", bytes, sha256, archived: source });
    }
    for (const { sourceId, createdOn, file, source } of adopted.audio) {
      if ((parts.get(sourceId)?.file ?? null) !== null) continue;
      stores.audio.adopt({ sourceId, interactionId, version: "", createdOn }, file, source, clock.now());
    }
  });
}

/** @throws DeskreelError `ARCHIVE_DAMAGED` when the file has none that a screen can have. */
async function readCodec(path: string, signal: AbortSignal): Promise<Codec> {
  const args = ["-v", "error", "-select_streams", "v:0", "-show_entries", "stream=codec_name"];
  const name = (await runFfprobe([...args, "-of", "csv=p=0", path], signal)).toString().trim();
  const codec = CODECS.find((each) => each === name);
  if (codec !== undefined) return codec;
  throw new DeskreelError("ARCHIVE_DAMAGED", `${path} has pictures in ${JSON.stringify(name)}`);
}

/** Whether all files that a manifest lists are there, each as long as listed. */
export async function isWholeVersion(archive: Archive, place: string, { files }: Manifest): Promise<boolean> {
  for (const { name, bytes } of files) {
    if ((await archive.storage.size(`${place}/${name}`)) !== bytes) return false;
  }
  return true;
}
