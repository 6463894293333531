import type { RequestHandler } from "express";
import { nackRequestSchema } from "#shared/handoff/lease.ts";
import { parseRequest } from "#shared/http/problem.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import { NACKS_BEFORE_ALARM } from "../call-buffer/lease-store.ts";
import { requireHeld } from "./lease-checks.ts";

/** `POST /v1/handoff/{recordingId}/nack`: the adapter cannot take it; it is lent again after a growing pause. */
export function onNack(buffer: CallBuffer, clock: Clock, log: Log): RequestHandler<{ recordingId: string }> {
  return async (request, response) => {
    const { recordingId } = request.params;
    const { leaseId, reason } = parseRequest(nackRequestSchema, request.body, "the refusal");
    const { check, nacks } = await buffer.commit(() =>
      buffer.leases.nack(recordingId, leaseId, reason, clock.now()),
    );
    requireHeld(check, recordingId);
    const facts = { recordingId, nacks, reason };
    if (nacks >= NACKS_BEFORE_ALARM) log.error(facts, "hand-off keeps failing");
    else log.warn(facts, "hand-off refused");
    // Whoever waits has to take the new due time into account.
    buffer.notifyLeasable();
    response.status(204).end();
  };
}
