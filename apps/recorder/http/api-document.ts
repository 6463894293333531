import { z } from "zod";
import { callEventSchema } from "#shared/api/call-event.ts";
import { ledgerEntrySchema } from "#shared/api/ledger.ts";
import { liveSchema } from "#shared/api/live.ts";
import { recordingSchema } from "#shared/api/recording.ts";
import {
  ackRequestSchema,
  leaseAnswerSchema,
  leaseRequestSchema,
  nackRequestSchema,
} from "#shared/handoff/lease.ts";
import { describeApi, type Operation } from "#shared/http/openapi.ts";
import { displaySchema, figuresSchema } from "#shared/protocol/messages.ts";
import { segmentQuerySchema } from "../handoff/on-segment.ts";
import { envelopeSchema } from "../intake/on-dataverse-webhook.ts";
import { coverageQuerySchema } from "./on-coverage.ts";
import { desktopsQuerySchema } from "./on-desktops.ts";
import { recordingsQuerySchema } from "./on-list-recordings.ts";
import { enrolmentWishSchema } from "./on-make-enrollment-token.ts";
import { pauseSchema, resumeSchema } from "./on-pause-agent.ts";

const desktopSchema = z.strictObject({
  device: z.string(),
  state: z.enum(["idle", "recording", "paused", "offline"]),
  displays: z.array(displaySchema),
  appVersion: z.string(),
  since: z.string(),
  figures: figuresSchema.nullable(),
});
const agentSchema = z.strictObject({ agent: z.string(), desktops: z.array(desktopSchema) });
const pausedAgentSchema = agentSchema.extend({
  pause: z
    .strictObject({ since: z.string(), endsBy: z.string(), reason: z.string(), by: z.string() })
    .nullable(),
});
const eventsAnswerSchema = z.strictObject({
  accepted: z.int(),
  duplicates: z.int(),
  ignored: z.array(z.strictObject({ id: z.string(), reason: z.string() })),
});
const enrolledSchema = z.strictObject({
  id: z.string(),
  device: z.string(),
  osUser: z.string(),
  agent: z.string(),
  state: z.enum(["active", "pending", "revoked"]),
  alarm: z.string().nullable(),
  keyProtection: z.string(),
  publicKey: z.string(),
  enrolledAt: z.string(),
  enrolledBy: z.strictObject({ token: z.string(), note: z.string().nullable() }),
  lastSeenAt: z.string(),
  approvedAt: z.string().nullable(),
  approvedBy: z.string().nullable(),
  revokedAt: z.string().nullable(),
  revokedBy: z.string().nullable(),
});
const tokenSchema = z.strictObject({
  id: z.string(),
  token: z.string(),
  note: z.string(),
  uses: z.int().nullable(),
  expiresAt: z.string(),
});
const readySchema = z.strictObject({
  status: z.enum(["ready", "not-ready"]),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      state: z.enum(["ok", "alarm", "failed"]),
      detail: z.string().optional(),
    }),
  ),
});

function listOf(item: z.ZodType) {
  return z.strictObject({ items: z.array(item), cursor: z.string().nullable() });
}

const ADMIN = ["admin"];
const ADAPTER = ["adapter"];
const NOTHING = { status: 204, description: "Done" };
const handoff = "/v1/handoff/{recordingId}";

const OPERATIONS: readonly Operation[] = [
  {
    ...{ method: "post", path: "/v1/call-events", access: ["integration"] },
    summary: "What happened to calls: one event or an array of at most 1000, 1 MiB in all",
    body: { json: z.union([callEventSchema, z.array(callEventSchema)]) },
    answer: { status: 202, description: "They are durable and decided upon", json: eventsAnswerSchema },
    problems: [415, 503],
  },
  {
    ...{ method: "post", path: "/v1/dataverse-webhook", access: ["webhookKey"] },
    summary: "A RemoteExecutionContext, as Dataverse posts it",
    body: { json: envelopeSchema },
    answer: { status: 200, description: "It is durable as it came", json: z.strictObject({}) },
    problems: [404, 503],
  },
  {
    ...{ method: "get", path: "/v1/live", access: ADAPTER },
    summary: "Who is recorded now, which desktops are there, how much room there is",
    answer: { status: 200, description: "As it is now", json: liveSchema },
  },
  {
    ...{ method: "get", path: "/v1/agents", access: ADMIN },
    summary: "Every agent with a desktop that the recorder has seen since its start",
    answer: { status: 200, description: "All of them", json: listOf(agentSchema) },
  },
  {
    ...{ method: "post", path: "/v1/agents/{agent}/pause", access: ["admin", "integration"] },
    summary: "Records nothing of an agent until it is resumed, or for maxPauseS",
    body: { json: pauseSchema },
    answer: { status: 200, description: "The pause is durable", json: pausedAgentSchema },
    problems: [404, 415, 503],
  },
  {
    ...{ method: "post", path: "/v1/agents/{agent}/resume", access: ["admin", "integration"] },
    summary: "Ends an agent's pause",
    body: { json: resumeSchema, isOptional: true },
    answer: { status: 200, description: "The pause is over", json: pausedAgentSchema },
    problems: [404, 415, 503],
  },
  {
    ...{ method: "get", path: "/v1/recordings", access: ADMIN, query: recordingsQuerySchema },
    summary: "Recordings, newest first; limit is 1 to 500",
    answer: { status: 200, description: "A page of them", json: listOf(recordingSchema) },
  },
  {
    ...{ method: "get", path: "/v1/recordings/{id}", access: ADMIN },
    summary: "One recording",
    answer: { status: 200, description: "The recording", json: recordingSchema },
    problems: [404],
  },
  {
    ...{ method: "get", path: "/v1/coverage", access: ADMIN, query: coverageQuerySchema },
    summary: "The ledger: what was recorded of each call, and why not; with format=csv all of it as text/csv",
    answer: { status: 200, description: "A page of it, newest first", json: listOf(ledgerEntrySchema) },
    problems: [406],
  },
  {
    ...{ method: "post", path: "/v1/handoff/lease", access: ADAPTER },
    summary: "Borrows sealed recordings that nobody has; waits up to waitMs for the first",
    body: { json: leaseRequestSchema },
    answer: { status: 200, description: "What was lent", json: leaseAnswerSchema },
    problems: [415],
  },
  {
    ...{ method: "get", path: `${handoff}/tracks/{trackId}/segments/{segmentId}`, access: ADAPTER },
    summary: "A segment's bytes (with Range); extends the lease",
    query: segmentQuerySchema,
    answer: { status: 200, description: "The file", type: ["video/webm", "video/x-matroska"] },
    problems: [404, 409, 410, 416],
  },
  {
    ...{ method: "post", path: `${handoff}/ack`, access: ADAPTER, body: { json: ackRequestSchema } },
    summary: "The adapter has this revision safe",
    answer: NOTHING,
    problems: [404, 409, 415],
  },
  {
    ...{ method: "post", path: `${handoff}/nack`, access: ADAPTER, body: { json: nackRequestSchema } },
    summary: "The adapter cannot take it now",
    answer: NOTHING,
    problems: [404, 409, 415],
  },
  {
    ...{ method: "get", path: "/v1/desktops", access: ADMIN, query: desktopsQuerySchema },
    summary: "Desktops whose keys are known, the one enrolled last first; limit is 1 to 500",
    answer: { status: 200, description: "A page of them", json: listOf(enrolledSchema) },
  },
  {
    ...{ method: "delete", path: "/v1/desktops/{id}", access: ADMIN },
    summary: "Revokes a desktop's key and puts it out",
    answer: NOTHING,
    problems: [404, 503],
  },
  {
    ...{ method: "post", path: "/v1/desktops/{id}/approve", access: ADMIN },
    summary: "Lets a desktop work that waits for it",
    answer: { status: 200, description: "The desktop", json: enrolledSchema },
    problems: [404, 503],
  },
  {
    ...{ method: "post", path: "/v1/enrollment-tokens", access: ADMIN },
    summary: "Makes a token by which desktops enrol",
    body: { json: enrolmentWishSchema, isOptional: true },
    answer: { status: 201, description: "The token, told this once", json: tokenSchema },
    problems: [415, 503],
  },
  {
    ...{ method: "get", path: "/healthz", access: [], listener: "ops" },
    summary: "The recorder runs",
    answer: { status: 200, description: "It does", json: z.strictObject({ status: z.literal("ok") }) },
  },
  {
    ...{ method: "get", path: "/readyz", access: [], listener: "ops", alsoAnswers: [503] },
    summary: "Whether it can do its work, and what somebody has to look at; 503 with the same when it cannot",
    answer: { status: 200, description: "Whether it can, and its checks", json: readySchema },
  },
  {
    ...{ method: "get", path: "/metrics", access: [], listener: "ops" },
    summary: "Figures for Prometheus",
    answer: { status: 200, description: "Prometheus' text format", type: "text/plain" },
  },
  {
    ...{ method: "get", path: "/openapi.json", access: [], listener: "ops" },
    summary: "This document",
    answer: { status: 200, description: "OpenAPI 3.1", json: z.looseObject({}) },
  },
];

function bearer(name: string): object {
  return { type: "http", scheme: "bearer", description: `The key \`${name}\` of recorder.tokensFile` };
}

/** The recorder's HTTP calls as OpenAPI 3.1. */
export function recorderApi() {
  return describeApi({
    title: "Deskreel recorder",
    description: "Desktops come by WebSocket at /v1/agent, which docs/PROTOCOL.md describes.",
    url: "http://127.0.0.1:7400",
    opsUrl: "http://127.0.0.1:7401",
    securitySchemes: {
      ...{ integration: bearer("integration"), admin: bearer("admin"), adapter: bearer("adapter") },
      webhookKey: { type: "apiKey", in: "query", name: "code", description: "The key `webhookKey`" },
    },
    operations: OPERATIONS,
  });
}
