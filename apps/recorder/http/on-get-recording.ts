import type { RequestHandler } from "express";
import { HttpProblem } from "#shared/http/problem.ts";
import type { RecordingReader } from "../call-buffer/recording-reader.ts";

/** `GET /v1/recordings/{id}` */
export function onGetRecording(recordings: RecordingReader): RequestHandler<{ id: string }> {
  return (request, response) => {
    const recording = recordings.find(request.params.id);
    if (recording === null) throw new HttpProblem(404, `there is no recording ${request.params.id}`);
    response.json(recording);
  };
}
