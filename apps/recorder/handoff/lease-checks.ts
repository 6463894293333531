import { HttpProblem } from "#shared/http/problem.ts";
import type { LeaseCheck } from "../call-buffer/lease-store.ts";

/** @throws HttpProblem 404 for an unknown recording, 409 when the lease is not the unexpired one. */
export function requireHeld(check: LeaseCheck, recordingId: string): void {
  switch (check) {
    case "held":
      return;
    case "unknown-recording":
      throw new HttpProblem(404, `there is no recording ${recordingId}`);
    case "not-held":
      throw new HttpProblem(409, `this is not the unexpired lease of recording ${recordingId}`);
  }
}
