import type { RequestHandler } from "express";
import { z } from "zod";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import { requireHeld } from "./lease-checks.ts";

export const segmentQuerySchema = z.strictObject({
  lease: z.string("must be the lease's id").min(1).max(64),
});

/** `GET …/segments/{segmentId}?lease=ID`: a sealed segment's bytes; each call extends the lease. */
export function onSegment(
  buffer: CallBuffer,
  clock: Clock,
  log: Log,
): RequestHandler<{ recordingId: string; trackId: string; segmentId: string }> {
  return async (request, response, next) => {
    const { recordingId, trackId, segmentId } = request.params;
    const { lease } = parseRequest(segmentQuerySchema, request.query, "the query");
    const segment = buffer.segments.find(recordingId, trackId, segmentId);
    if (segment === "erased") throw new HttpProblem(410, `the files of recording ${recordingId} are erased`);
    const check = await buffer.commit(() => buffer.leases.extend(recordingId, lease, clock.now()));
    requireHeld(check, recordingId);
    if (segment === "unknown") {
      throw new HttpProblem(404, `recording ${recordingId} has no segment ${trackId}/${segmentId}`);
    }
    response.set({
      ETag: `"${segment.sha256}"`,
      "Content-Type": segment.codec === "h264" ? "video/x-matroska" : "video/webm",
      "Cache-Control": "no-store",
    });
    const options = { root: buffer.segments.folder, cacheControl: false, lastModified: false };
    response.sendFile(segment.path, options, (error: unknown) => {
      if (error === undefined || error === null) return;
      if (isSystemError(error, "ENOENT")) {
        log.error({ recordingId, trackId, segmentId }, "segment file is missing");
        void noteMissing(buffer, { recordingId, trackId: Number(trackId), segmentId }, log);
        next(
          new HttpProblem(500, `the file of segment ${trackId}/${segmentId} is missing`, { cause: error }),
        );
      } else next(error);
    });
  };
}

/** The next revision goes without it, so that the recording is not refused for ever. */
async function noteMissing(
  buffer: CallBuffer,
  segment: { recordingId: string; trackId: number; segmentId: string },
  log: Log,
): Promise<void> {
  try {
    await buffer.commit(() => buffer.segmentFaults.note({ ...segment, kind: "missing" }));
  } catch (error) {
    log.error({ err: error, ...segment }, "missing segment could not be noted");
  }
}
