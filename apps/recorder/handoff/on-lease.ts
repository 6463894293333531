import type { RequestHandler } from "express";
import type { LeaseAnswer } from "#shared/handoff/lease.ts";
import { leaseRequestSchema } from "#shared/handoff/lease.ts";
import { parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { Lease } from "../call-buffer/lease-store.ts";

/** `POST /v1/handoff/lease`: sealed recordings nobody has, or a wait of at most `waitMs` for the first. */
export function onLease(buffer: CallBuffer, clock: Clock): RequestHandler {
  return async (request, response) => {
    const { adapter, max, waitMs, leaseMs } = parseRequest(
      leaseRequestSchema,
      request.body,
      "the lease request",
    );
    // Steps of the wall clock must not stretch the wait.
    const waitUntil = performance.now() + waitMs;
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    while (!gone.signal.aborted) {
      const leases = await grantWhatIsFree(buffer, { adapter, max, leaseMs }, clock.now());
      if (leases.length > 0 || performance.now() >= waitUntil) {
        const items = leases.flatMap(({ leaseId, recordingId, expiresAt }): LeaseAnswer["items"] => {
          const recording = buffer.recordings.find(recordingId);
          return recording === null ? [] : [{ leaseId, expiresAt: formatInstant(expiresAt), recording }];
        });
        response.json({ items } satisfies LeaseAnswer);
        return;
      }
      const restMs = waitUntil - performance.now();
      // Read in the turn in which listening begins, so that nothing comes free unnoticed in between.
      const nextInMs = (buffer.leases.nextAt() ?? Number.POSITIVE_INFINITY) - clock.now();
      await leasableOrTimeout(buffer, Math.ceil(Math.min(restMs, nextInMs)), gone.signal);
    }
  };
}

/** Writes nothing while there is nothing to lend. */
async function grantWhatIsFree(
  buffer: CallBuffer,
  { adapter, max, leaseMs }: { adapter: string; max: number; leaseMs: DurationMs },
  now: EpochMs,
): Promise<Lease[]> {
  const next = buffer.leases.nextAt();
  if (next === null || next > now) return [];
  return buffer.commit(() => buffer.leases.grant(adapter, max, leaseMs, now));
}

/** Resolves when something may be leasable, at the latest after `waitMs`, or when the caller is gone. */
async function leasableOrTimeout(buffer: CallBuffer, waitMs: DurationMs, gone: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stopListening = buffer.onLeasable(resolve);
  const timer = setTimeout(resolve, Math.max(waitMs, 1));
  gone.addEventListener("abort", () => resolve(), { once: true });
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    stopListening();
  }
}
