import type { RequestHandler } from "express";
import { ackRequestSchema } from "#shared/handoff/lease.ts";
import { parseRequest } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import { requireHeld } from "./lease-checks.ts";

/**
 * `POST /v1/handoff/{recordingId}/ack`: the adapter has this revision safe.
 *
 * @param keeping - what its keeping time goes by; leases go by the other one.
 */
export function onAck(
  buffer: CallBuffer,
  clock: Clock,
  keeping: Clock,
): RequestHandler<{ recordingId: string }> {
  return async (request, response) => {
    const { recordingId } = request.params;
    const { leaseId, revision } = parseRequest(ackRequestSchema, request.body, "the acknowledgement");
    const check = await buffer.commit(() =>
      buffer.leases.ack(recordingId, leaseId, revision, { now: clock.now(), ackedAt: keeping.now() }),
    );
    requireHeld(check, recordingId);
    // An older revision was acknowledged: the newer one can be had at once.
    buffer.notifyLeasable();
    response.status(204).end();
  };
}
