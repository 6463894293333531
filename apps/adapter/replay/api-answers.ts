/** What the calls of replay answer, for its description; tests hold real answers against it. */
import { z } from "zod";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { liveSchema } from "#shared/api/live.ts";
import { manifestSchema } from "#shared/archive/manifest.ts";
import { CALL_STATES } from "#shared/archive/call-stretches.ts";
import { ROLES } from "../domain/permissions.ts";
import type { Recovery } from "../recovery/recovery.ts";
import type { AuditFault } from "../store/audit-entry.ts";

const instant = z.string().meta({ format: "date-time" });
const { calls, space, handoff } = liveSchema.shape;
const summarySchema = manifestSchema.omit({ events: true, files: true, screens: true }).extend({
  screens: z.array(manifestSchema.shape.screens.element.omit({ coverage: true })),
  life: z
    .array(z.strictObject({ fromMs: z.number(), toMs: z.number(), state: z.enum([...CALL_STATES, "gap"]) }))
    .optional(),
  poster: z.string().nullable().optional(),
  gapReasons: z.array(z.string()).optional(),
});
const missingSchema = z.strictObject({
  reason: z.string(),
  ms: z.number(),
  detail: z.string().nullable(),
});
const noteSchema = z.strictObject({
  id: z.string(),
  atMs: z.int(),
  text: z.string(),
  tags: z.array(z.string()),
  author: z.string(),
  madeAt: instant,
  changedAt: instant.nullable(),
  mayChange: z.boolean(),
});
const accountSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  teams: z.array(z.string()),
  agentId: z.string().nullable(),
  disabled: z.boolean(),
  mustChangePassword: z.boolean(),
  madeAt: instant,
  signedInAt: instant.nullable(),
  /** Where one was made up. */
  password: z.string().optional(),
});
const teamSchema = z.strictObject({ id: z.string(), name: z.string(), agents: z.array(z.string()) });
const trailSchema = z.object({ at: instant, who: z.string(), action: z.string(), detail: z.string() });

const auditFaultSchema = z.strictObject({
  number: z.int(),
  fault: z.string(),
}) satisfies z.ZodType<AuditFault>;
const recoveryCaseSchema = z.strictObject({
  outcome: z.enum(["healed", "waiting", "never"]),
  why: z.string(),
  kind: z.enum(["no-audio", "no-conversation", "no-screens"]),
  interactionId: z.string().nullable(),
  sourceId: z.string().exactOptional(),
});
const recoveryReportSchema = z.strictObject({
  ...{ by: z.string(), from: instant, to: instant, startedAt: instant, finishedAt: instant },
  lookedAt: z.strictObject({ conversations: z.int(), recordings: z.int(), interactions: z.int() }),
  counts: z.strictObject({ healed: z.int(), waiting: z.int(), never: z.int() }),
  cases: z.array(recoveryCaseSchema),
});
const recoverySchema = z.strictObject({
  running: z.strictObject({ by: z.string(), from: instant, to: instant, step: z.string() }).nullable(),
  last: z
    .union([
      z.strictObject({ report: recoveryReportSchema, file: z.string() }),
      z.strictObject({ fault: z.string() }),
    ])
    .nullable(),
}) satisfies z.ZodType<Recovery["state"]>;

export const ANSWERS = {
  session: z.strictObject({
    name: z.string(),
    role: z.enum(ROLES),
    teams: z.array(z.strictObject({ id: z.string(), name: z.string() })),
    agentId: z.string().nullable(),
    mustChangePassword: z.boolean(),
    hasAccount: z.boolean(),
    canPlaceCall: z.boolean(),
    mayExport: z.boolean(),
    mayHold: z.boolean(),
    mayReadNotes: z.boolean(),
    mayComment: z.boolean(),
    mayReadTrail: z.boolean(),
    maySeeLive: z.boolean(),
    mayReadAudit: z.boolean(),
    mayReadCoverage: z.boolean(),
    mayAdminister: z.boolean(),
  }),
  interactions: z.strictObject({ items: z.array(summarySchema), cursor: z.string().nullable() }),
  interaction: manifestSchema.extend({ flags: z.strictObject({ legalHold: z.boolean() }) }),
  histogram: z.strictObject({
    bucketMs: z.number(),
    from: z.number(),
    to: z.number(),
    buckets: z.array(z.strictObject({ at: z.number(), count: z.int() })),
  }),
  facets: z.strictObject({ items: z.array(z.strictObject({ value: z.string(), label: z.string() })) }),
  hold: z.strictObject({ legalHold: z.boolean() }),
  audit: z.strictObject({
    items: z.array(
      z.strictObject({
        ...trailSchema.shape,
        number: z.int(),
        interactionId: z.string().nullable(),
        sequence: z.int().nullable(),
        previous: z.string().nullable(),
        sha256: z.string(),
      }),
    ),
    cursor: z.string().nullable(),
    chain: z.strictObject({
      entries: z.int(),
      sha256: z.string().nullable(),
      faults: z.array(auditFaultSchema),
      checkedAt: instant,
    }),
  }),
  trail: z.strictObject({ items: z.array(trailSchema) }),
  ledger: z.strictObject({
    from: instant,
    to: instant,
    totals: z.strictObject({
      interactions: z.int(),
      partial: z.int(),
      notRecorded: z.int(),
      reasons: z.array(
        z.strictObject({
          reason: z.string(),
          interactions: z.int(),
          ms: z.number(),
          details: z.array(z.strictObject({ detail: z.string(), interactions: z.int() })),
        }),
      ),
    }),
    items: z.array(
      z.strictObject({
        interactionId: z.string(),
        startedAt: instant,
        durationMs: z.number(),
        word: z.enum(COVERAGE_WORDS),
        agents: manifestSchema.shape.agents,
        customer: z.string().nullable(),
        queue: z.string().nullable(),
        screens: z.int(),
        missing: z.array(missingSchema),
      }),
    ),
    cursor: z.string().nullable(),
  }),
  live: z.strictObject({
    at: instant,
    calls: z.array(calls.element.extend({ recorder: z.string(), asOf: instant, isStale: z.boolean() })),
    idle: z.strictObject({
      count: z.int(),
      items: z
        .array(
          z.strictObject({
            agent: z.string(),
            device: z.string(),
            since: instant,
            displays: z.int(),
            appVersion: z.string(),
          }),
        )
        .nullable(),
    }),
    recorders: z.array(
      z.strictObject({
        name: z.string(),
        isReachable: z.boolean(),
        asOf: instant.nullable(),
        fault: z.string().nullable(),
        space: space.nullable(),
        handoff: handoff.nullable(),
      }),
    ),
    ended: z.array(z.string()),
  }),
  verification: z.strictObject({
    version: z.int(),
    verdict: z.enum(["verified", "faulty"]),
    checkedAt: instant,
    files: z.int(),
    bytes: z.int(),
    keyId: z.string().nullable(),
    sequence: z.int().nullable(),
    faults: z.array(z.strictObject({ place: z.string(), fault: z.string() })),
  }),
  note: noteSchema,
  notes: z.strictObject({ items: z.array(noteSchema) }),
  account: accountSchema,
  accounts: z.strictObject({ items: z.array(accountSchema) }),
  teams: z.strictObject({ items: z.array(teamSchema) }),
  /** What runs, and what the last one came to: docs/CONFIG.md tells of it. */
  recovery: recoverySchema,
  placed: z.strictObject({ interactionId: z.string() }),
  alive: z.strictObject({ alive: z.literal(true) }),
  ready: z.strictObject({ ready: z.literal(true), problems: z.array(z.string()) }),
} as const;
