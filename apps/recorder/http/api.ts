import express, { type Express, type RequestHandler } from "express";
import { requireKnownHost, requireScope } from "#shared/http/guards.ts";
import { HttpProblem, problemWriter, unknownPath } from "#shared/http/problem.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentDirectory } from "../agents/agent-directory.ts";
import type { PauseControl } from "../agents/pause-control.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";
import type { CaptureViews, DesktopDirectory } from "../capture/ports.ts";
import type { RecordingControl } from "../control/recording-control.ts";
import { onAck } from "../handoff/on-ack.ts";
import { onLease } from "../handoff/on-lease.ts";
import { onNack } from "../handoff/on-nack.ts";
import { onSegment } from "../handoff/on-segment.ts";
import { onCallEvents } from "../intake/on-call-events.ts";
import { onDataverseWebhook, requireWebhookKey, type WebhookIntake } from "../intake/on-dataverse-webhook.ts";
import type { RecorderMetrics } from "./metrics.ts";
import { onCoverage } from "./on-coverage.ts";
import { onApproveDesktop, onListDesktops, onRevokeDesktop } from "./on-desktops.ts";
import { onGetRecording } from "./on-get-recording.ts";
import { onListAgents } from "./on-list-agents.ts";
import { onListRecordings } from "./on-list-recordings.ts";
import { type LiveRouteOptions, onLive } from "./on-live.ts";
import { onMakeEnrollmentToken } from "./on-make-enrollment-token.ts";
import { onPauseAgent, onResumeAgent, PAUSE_SCOPES } from "./on-pause-agent.ts";
import type { DesktopRegistry } from "../trust/desktop-registry.ts";
import type { EnrolmentTokens } from "../trust/enrolment-tokens.ts";
import { type RecorderTokens, scopesOfTokens } from "./scopes.ts";

const BODY_LIMIT = "1mb";

export interface ApiOptions {
  buffer: CallBuffer;
  control: RecordingControl;
  directory: DesktopDirectory & CaptureViews;
  space: LiveRouteOptions["space"];
  names: AgentDirectory;
  pauses: PauseControl;
  registry: DesktopRegistry;
  enrolmentTokens: EnrolmentTokens;
  /** Null: this recorder does not follow Dynamics. */
  webhook: WebhookIntake | null;
  tokens: RecorderTokens;
  allowedHosts: readonly string[];
  metrics: RecorderMetrics;
  clock: Clock;
  /** What the keeping time of acknowledged files goes by. */
  keeping: Clock;
  log: Log;
}

/** The recorder's HTTP interface: every route, and who may call it. */
export function createApi(options: ApiOptions): Express {
  const {
    buffer,
    control,
    directory,
    space,
    names,
    pauses,
    registry,
    enrolmentTokens,
    tokens,
    webhook,
    allowedHosts,
    metrics,
    clock,
    keeping,
    log,
  } = options;
  const scopesOf = scopesOfTokens(tokens);
  const admin = requireScope(scopesOf, "admin");
  const adapter = requireScope(scopesOf, "adapter");
  const integration = requireScope(scopesOf, "integration");
  const pausing = requireScope(scopesOf, ...PAUSE_SCOPES);
  const pauseOptions = { names, pauses, directory, scopesOf };
  const trustOptions = { desktops: buffer.desktops, registry, tokens: enrolmentTokens, names };
  const json = [express.json({ limit: BODY_LIMIT, strict: false, inflate: false }), requireJsonBody];
  const { recordings } = buffer;

  const app = express();
  app.disable("x-powered-by");
  app.disable("etag");
  app.set("trust proxy", false);
  app.use(requireKnownHost(allowedHosts));
  app.post("/v1/call-events", integration, json, onCallEvents(control, names, clock, metrics));
  app.post(
    "/v1/dataverse-webhook",
    requireWebhookKey(tokens.webhookKey),
    // As posted, whatever it calls itself: what Dataverse says here is not documented.
    express.raw({ limit: BODY_LIMIT, type: () => true, inflate: false }),
    onDataverseWebhook(webhook, clock),
  );
  app.get("/v1/live", adapter, onLive({ buffer, directory, pauses, space, clock }));
  app.get("/v1/agents", admin, onListAgents(directory));
  app.post("/v1/agents/:agent/pause", pausing, json, onPauseAgent(pauseOptions));
  app.post("/v1/agents/:agent/resume", pausing, json, onResumeAgent(pauseOptions));
  app.get("/v1/recordings", admin, onListRecordings(recordings, names));
  app.get("/v1/recordings/:id", admin, onGetRecording(recordings));
  app.get("/v1/coverage", admin, onCoverage(buffer.ledger, names));
  app.post("/v1/handoff/lease", adapter, json, onLease(buffer, clock));
  app.get(
    "/v1/handoff/:recordingId/tracks/:trackId/segments/:segmentId",
    adapter,
    onSegment(buffer, clock, log),
  );
  app.post("/v1/handoff/:recordingId/ack", adapter, json, onAck(buffer, clock, keeping));
  app.post("/v1/handoff/:recordingId/nack", adapter, json, onNack(buffer, clock, log));
  app.get("/v1/desktops", admin, onListDesktops(trustOptions));
  app.delete("/v1/desktops/:id", admin, onRevokeDesktop(trustOptions));
  app.post("/v1/desktops/:id/approve", admin, onApproveDesktop(trustOptions));
  app.post("/v1/enrollment-tokens", admin, json, onMakeEnrollmentToken(enrolmentTokens));
  app.use(unknownPath);
  app.use(problemWriter(log));
  return app;
}

/** Without it a body of another type would look like no body at all. */
const requireJsonBody: RequestHandler = (request, _response, next) => {
  const isEmpty = request.headers["content-length"] === "0";
  if (!isEmpty && request.is("application/json") === false) {
    throw new HttpProblem(415, "the body must be JSON, with Content-Type: application/json");
  }
  next();
};
