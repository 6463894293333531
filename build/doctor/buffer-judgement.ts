import { formatBytes } from "#shared/text/bytes.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Inspection, SegmentFault } from "../../apps/recorder/call-buffer/buffer-inspection.ts";
import { NACKS_BEFORE_ALARM } from "../../apps/recorder/call-buffer/lease-store.ts";
import type { BufferFacts } from "./buffer-facts.ts";
import { type Finding, type FindingMaker, formatSpan } from "./finding.ts";

/** An adapter that runs has a sealed recording within seconds. */
const WAITS_TOO_LONG_MS: DurationMs = 15 * 60_000;
/** So many are named. */
const NAMED = 3;

/** What an adapter does not take, and why. */
export function* judgeHandoff(
  { ok, warn, fail }: FindingMaker,
  facts: BufferFacts,
  { now, isRunning }: { now: EpochMs; isRunning: boolean },
): Generator<Finding> {
  const { recordings, oldestWaiting, refused, waitingBytes } = facts;
  const open = `${recordings.open} under way`;
  if (recordings.open > 0 && !isRunning)
    yield warn(
      "recordings",
      `${open}, but no recorder is running`,
      "start it: npm run recorder; they go on by themselves",
    );
  else yield ok("recordings", open);
  if (oldestWaiting === null) yield ok("hand-off", "nothing waits for an adapter");
  else {
    const waitsMs = now - oldestWaiting.endedAt;
    const found = `${recordings.waiting} wait (${formatBytes(waitingBytes)}), the oldest for ${formatSpan(waitsMs)}: ${oldestWaiting.id}`;
    yield waitsMs > WAITS_TOO_LONG_MS
      ? warn(
          "hand-off",
          found,
          "see that an adapter runs and reaches this recorder: npm run doctor on its machine",
        )
      : ok("hand-off", found);
  }
  const worst = refused[0];
  if (worst === undefined) return;
  const found = `${some(refused.length, "recording")}; ${worst.id} ${worst.nacks} times: ${worst.reason ?? "no reason given"}`;
  const mend = "the reason is the adapter's: look at its log; it is tried again by itself";
  yield worst.nacks >= NACKS_BEFORE_ALARM ? fail("refused", found, mend) : warn("refused", found, mend);
}

/** Files that are missing, wrong, or nobody's. */
export function* judgeFiles(
  { ok, warn, fail }: FindingMaker,
  inspection: Inspection,
  isDeep: boolean,
): Generator<Finding> {
  const { segments, recordings, bytes, faults, parts, damaged, orphans } = inspection;
  const all = `${some(segments, "segment")} of ${some(recordings, "recording")}, ${formatBytes(bytes)}`;
  if (segments === 0) yield ok("files", "no segments yet");
  else if (faults.length === 0)
    yield ok(
      "files",
      `${all}: all there, ${isDeep ? "every hash is right" : "of the right size (--deep reads them)"}`,
    );
  else
    yield fail(
      "files",
      `${describeFaults(faults)}, of ${all}`,
      "put them back from a backup and start the recorder again; what stays lost it marks as a gap, nothing else is touched",
    );
  if (parts.length > 0)
    yield warn(
      "unsealed files",
      `${list(parts.map(({ path }) => path))}: left by a crash`,
      "the recorder seals what is in them at its next start; leave them where they are",
    );
  if (damaged.length > 0)
    yield warn(
      "damaged files",
      `${list(damaged.map(({ path }) => path))}: kept beside what could be taken from them`,
      "look at disk and memory of this machine; the files go with their recording, or move them away",
    );
  if (orphans.length === 0) return;
  const size = formatBytes(orphans.reduce((sum, orphan) => sum + orphan.bytes, 0));
  yield warn(
    "unknown files",
    `${orphans.length} (${size}) that no recording has: ${list(orphans.map(({ path }) => path))}`,
    "nobody deletes them: look at them (segments play in a browser), then move them away yourself",
  );
}

function describeFaults(faults: readonly SegmentFault[]): string {
  const words = {
    missing: "missing",
    "wrong-size": "of the wrong size",
    "wrong-hash": "with changed content",
  };
  return (["missing", "wrong-size", "wrong-hash"] as const)
    .map((kind) => [kind, faults.filter((fault) => fault.kind === kind)] as const)
    .filter(([, found]) => found.length > 0)
    .map(([kind, found]) => `${found.length} ${words[kind]} (${list(found.map(({ path }) => path))})`)
    .join(", ");
}

function list(paths: readonly string[]): string {
  const more = paths.length - NAMED;
  return `${paths.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function some(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
