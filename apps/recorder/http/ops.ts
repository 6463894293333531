import express, { type Express } from "express";
import { requireKnownHost } from "#shared/http/guards.ts";
import { problemWriter, unknownPath } from "#shared/http/problem.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { MediaServer } from "../capture/ports.ts";
import type { FilesState } from "../control/buffer-check.ts";
import { describeDoubts } from "../trust/trust-check.ts";
import { recorderApi } from "./api-document.ts";
import type { RecorderMetrics } from "./metrics.ts";

/** One thing that `/readyz` looks at: `failed` = the recorder cannot do its work, `alarm` = somebody has to look. */
export interface ReadyCheck {
  name: string;
  state: "ok" | "alarm" | "failed";
  detail?: string;
}

export interface OpsOptions {
  buffer: CallBuffer;
  metrics: RecorderMetrics;
  /** Media workers that do not run; null when all do. */
  mediaFault: () => MediaServer["fault"];
  /** What is wrong with the call buffer's room; null: nothing. */
  spaceAlarm: () => string | null;
  /** What is known of the call buffer's files. */
  filesState: () => FilesState;
  /** Why the alias file as it is now is not in force; null when it is, or when there is none. */
  aliasFault: () => string | null;
  /** How the following of Dynamics goes; empty when this recorder does not. */
  dynamicsChecks: () => ReadyCheck[];
  allowedHosts: readonly string[];
  log: Log;
}

/** The listener for whoever runs the recorder: no token, so it belongs on a private address. */
export function createOps(options: OpsOptions): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(requireKnownHost(options.allowedHosts));
  app.get("/healthz", (_request, response) => void response.json({ status: "ok" }));
  app.get("/readyz", (_request, response) => {
    const checks = runChecks(options);
    const isReady = checks.every((check) => check.state !== "failed");
    response.status(isReady ? 200 : 503).json({ status: isReady ? "ready" : "not-ready", checks });
  });
  app.get("/metrics", async (_request, response) => {
    const { registry } = options.metrics;
    const text = await registry.metrics();
    response.type(registry.contentType).send(text);
  });
  app.get("/openapi.json", (_request, response) => void response.json(recorderApi()));
  app.use(unknownPath);
  app.use(problemWriter(options.log));
  return app;
}

function runChecks(options: OpsOptions): ReadyCheck[] {
  const { buffer, mediaFault, aliasFault, spaceAlarm, filesState, dynamicsChecks } = options;
  const fault = mediaFault();
  const media: ReadyCheck =
    fault === null
      ? { name: "media", state: "ok" }
      : { name: "media", state: fault.isTotal ? "failed" : "alarm", detail: fault.detail };
  const aliasFile = alarmCheck("alias-file", aliasFault());
  const space = alarmCheck("space", spaceAlarm());
  try {
    buffer.check();
    const alarms = buffer.leases.alarms();
    const detail = alarms
      .map(({ recordingId, nacks, reason }) => `${recordingId} refused ${nacks} times: ${reason}`)
      .join("; ");
    return [
      { name: "call-buffer", state: "ok" },
      space,
      filesCheck(filesState()),
      media,
      alarmCheck("handoff", alarms.length === 0 ? null : detail),
      aliasFile,
      alarmCheck("desktops", describeDoubts(buffer.desktops.inDoubt())),
      ...dynamicsChecks(),
    ];
  } catch (error) {
    return [{ name: "call-buffer", state: "failed", detail: describeError(error) }, space, media, aliasFile];
  }
}

function filesCheck({ isAlarm, detail }: FilesState): ReadyCheck {
  return { name: "files", state: isAlarm ? "alarm" : "ok", ...(detail !== null && { detail }) };
}

/** @param detail - what somebody has to look at; null: nothing. */
function alarmCheck(name: string, detail: string | null): ReadyCheck {
  return detail === null ? { name, state: "ok" } : { name, state: "alarm", detail };
}
