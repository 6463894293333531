import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "#shared/runtime/log.ts";
import type { Custody } from "../archive/custody.ts";

/** What was noted since the last time could be cut off unseen; nothing is signed where nothing was noted. */
const EVERY_MS = 3_600_000;

/** Has the archive sign how long the audit log is: at the start, every hour in which it grew, and when it ends. */
export async function runAuditAnchors(
  { custody, log }: { custody: Pick<Custody, "anchorAudit">; log: Log },
  signal: AbortSignal,
): Promise<void> {
  const anchor = () =>
    custody.anchorAudit().catch((error: unknown) => {
      log.error({ err: error }, "audit log not signed, tried again in an hour");
    });
  while (!signal.aborted) {
    await anchor();
    await sleep(EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  await anchor();
}
