import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { RecorderConfig } from "#shared/runtime/config-schema.ts";
import { describeError, isSystemError } from "#shared/runtime/errors.ts";
import { formatBytes } from "#shared/text/bytes.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { inspectBuffer, type Inspection } from "../../apps/recorder/call-buffer/buffer-inspection.ts";
import { MIGRATIONS } from "../../apps/recorder/call-buffer/schema.ts";
import { findShortage, spaceLimits } from "../../apps/recorder/domain/space-policy.ts";
import { type BufferFacts, readBufferFacts } from "./buffer-facts.ts";
import { judgeFiles, judgeHandoff } from "./buffer-judgement.ts";
import { type Finding, type FindingMaker, findingsOf, formatSpan } from "./finding.ts";
import { judgeDescriptors } from "./machine-checks.ts";
import { checkFolder, nearestFolder } from "./path-checks.ts";
import { hoursUntilFull } from "./space-forecast.ts";

const HOUR_MS = 3_600_000;
/** What was changed in the last minutes may be a running recorder's work. */
const UNDER_WAY_MS = 120_000;
/** A statement waits for a recorder's own for so long. */
const PATIENCE_MS = 5_000;

export interface BufferCheckOptions {
  isDeep: boolean;
  isRunning: boolean;
  /** How many files the recorder may have open; null: not known. */
  descriptors: number | null;
  now: EpochMs;
  /** Told now and then how far a long look is. */
  onProgress: (text: string) => void;
}

/** Looks at the call buffer without changing anything in it; a recorder may run on it. */
export async function* checkBuffer(
  { bufferDir: folder, buffer: config }: RecorderConfig,
  options: BufferCheckOptions,
): AsyncGenerator<Finding> {
  const group = findingsOf(`Call buffer ${folder}`);
  yield await checkFolder(group, "folder", folder, "recorder.bufferDir");
  const path = join(folder, "catalog.db");
  try {
    await stat(path);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) yield unreadable(group, path, error);
    yield* checkSpace(group, folder, config, null, null);
    return;
  }
  let facts: BufferFacts | null = null;
  let inspection: Inspection | null = null;
  try {
    using catalogue = openReadOnly(path);
    yield* checkCatalogue(group, catalogue.database, path, options);
    facts = readBufferFacts(catalogue.database, options.now);
    yield* judgeHandoff(group, facts, options);
    inspection = await inspect(catalogue.database, folder, options);
    yield* judgeFiles(group, inspection, options.isDeep);
  } catch (error) {
    yield unreadable(group, path, error);
  }
  yield* checkSpace(group, folder, config, facts, inspection);
  if (facts !== null) yield judgeDescriptors(group, options.descriptors, facts.screens);
}

function openReadOnly(path: string): { database: Database.Database } & Disposable {
  const database = new Database(path, { readonly: true, fileMustExist: true, timeout: PATIENCE_MS });
  return { database, [Symbol.dispose]: () => database.close() };
}

function unreadable({ fail }: FindingMaker, path: string, error: unknown): Finding {
  return fail(
    "catalogue",
    `${path} cannot be read: ${describeError(error)}`,
    "run as the user that the recorder runs as; when it is damaged: stop the recorder, copy the whole folder away, then restore catalog.db from a backup",
  );
}

function* checkCatalogue(
  { ok, warn, fail }: FindingMaker,
  catalogue: Database.Database,
  path: string,
  { onProgress }: BufferCheckOptions,
): Generator<Finding> {
  onProgress("checking the catalogue");
  const faults = (catalogue.pragma("quick_check(5)") as { quick_check: string }[]).map(
    (row) => row.quick_check,
  );
  if (faults.join() === "ok") yield ok("catalogue", `${path} is sound`);
  else
    yield fail(
      "catalogue",
      `damaged: ${faults.join("; ")}`,
      "stop the recorder, copy the whole folder away, then restore catalog.db from a backup; segments are files of their own",
    );
  const version = Number(catalogue.pragma("user_version", { simple: true }));
  const newest = MIGRATIONS.length;
  if (version === newest) yield ok("schema", `version ${version}`);
  else if (version < newest)
    yield warn(
      "schema",
      `version ${version}, this Deskreel has ${newest}`,
      "the recorder brings it up at its next start",
    );
  else
    yield fail(
      "schema",
      `version ${version}, this Deskreel knows up to ${newest}`,
      "run the newer Deskreel again",
    );
}

/** Lets the event loop have a turn now and then. */
async function inspect(
  catalogue: Database.Database,
  folder: string,
  { isDeep, now, onProgress }: BufferCheckOptions,
): Promise<Inspection> {
  const walk = inspectBuffer(catalogue, folder, { isDeep, changedBefore: now - UNDER_WAY_MS });
  let toldAt = performance.now();
  for (;;) {
    const step = walk.next();
    if (step.done === true) return step.value;
    if (performance.now() - toldAt < 200) continue;
    toldAt = performance.now();
    const { recordings, of } = step.value;
    onProgress(`${isDeep ? "reading" : "looking at"} files: recording ${recordings} of ${of}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function* checkSpace(
  group: FindingMaker,
  folder: string,
  config: RecorderConfig["buffer"],
  facts: BufferFacts | null,
  inspection: Inspection | null,
): AsyncGenerator<Finding> {
  const { ok, warn, fail } = group;
  const disk = await statfs(await nearestFolder(folder)).catch(() => null);
  if (disk === null) return;
  const freeBytes = disk.bavail * disk.bsize;
  const limits = spaceLimits(config);
  const strays = [
    ...(inspection?.parts ?? []),
    ...(inspection?.damaged ?? []),
    ...(inspection?.orphans ?? []),
  ];
  const bufferBytes =
    inspection === null
      ? null
      : strays.reduce((sum, { bytes }) => sum + bytes, inspection.bytes + inspection.ownBytes);
  const freeFiles = disk.files > 0 ? disk.ffree : null;
  const shortage = findShortage({ freeBytes, freeFiles, bufferBytes }, limits, false);
  const free = `${formatBytes(freeBytes)} free of ${formatBytes(disk.blocks * disk.bsize)}, reserve ${formatBytes(limits.reserveBytes)}`;
  const quota = limits.quotaBytes === null ? "" : `; quota ${formatBytes(limits.quotaBytes)}`;
  const used = bufferBytes === null ? "" : `; the buffer has ${formatBytes(bufferBytes)}${quota}`;
  if (shortage !== null) {
    const step =
      shortage.kind === "quota"
        ? "raise recorder.buffer.quotaMb"
        : "free space there, or make the disk larger";
    const adapter = "see that an adapter takes what waits";
    yield fail(
      "space",
      `${free}${used}: nothing is recorded`,
      `${step}; ${adapter}; recording goes on by itself`,
    );
    return;
  }
  yield ok("space", `${free}${used}`);
  if (facts === null || facts.bytesPerHour === 0) return;
  const room = Math.min(
    freeBytes - limits.reserveBytes,
    limits.quotaBytes === null || bufferBytes === null
      ? Number.POSITIVE_INFINITY
      : limits.quotaBytes - bufferBytes,
  );
  const hours = hoursUntilFull({
    roomBytes: room,
    bytesPerHour: facts.bytesPerHour,
    keepHours: config.keepAckedH,
    due: facts.acknowledged.map(({ agoMs, bytes }) => ({
      inHours: config.keepAckedH - agoMs / HOUR_MS,
      bytes,
    })),
  });
  const rate = `${formatBytes(facts.bytesPerHour)} an hour`;
  const alone = formatSpan((room / facts.bytesPerHour) * HOUR_MS);
  if (hours === null)
    yield ok(
      "time left",
      `no end at ${rate}: what is handed off goes in time (${alone} without any hand-off)`,
    );
  else
    yield warn(
      "time left",
      `${formatSpan(hours * HOUR_MS)} at ${rate}, even if all is handed off`,
      `make the disk larger, or keep handed-off segments shorter than ${config.keepAckedH} h (recorder.buffer.keepAckedH)`,
    );
}
