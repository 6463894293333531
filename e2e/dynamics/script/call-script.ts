import { z } from "zod";
import { CALL_EVENT_TYPES } from "#shared/api/call-event.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { fieldProblems } from "#shared/runtime/schema-problems.ts";

const ms = z.int("must be a whole number of milliseconds").min(0, "must be 0 or more");
const lengthMs = z.int("must be a whole number of milliseconds").min(1, "must be 1 or more");
const hz = z.number().min(50, "must be 50 to 7000 Hz").max(7_000, "must be 50 to 7000 Hz");

/** Where the sound of a part comes from. */
const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("speech"),
    /** Spoken one after the other, 300 ms apart; what does not fit into the part is cut. */
    lines: z.array(z.strictObject({ voice: z.enum(["agent", "customer"]), text: z.string().min(1) })).min(1),
  }),
  z.strictObject({
    kind: z.literal("tones"),
    /** When each tone begins, in ms after the part's start. */
    atMs: z.array(ms),
    toneMs: lengthMs.default(200),
    hz: hz.default(440),
  }),
  z.strictObject({
    kind: z.literal("beeps"),
    /** A beep at every wall-clock instant whose epoch ms are a multiple of this. */
    everyMs: lengthMs,
    beepMs: lengthMs.default(60),
    hz: hz.default(1_000),
  }),
  z.strictObject({
    kind: z.literal("file"),
    /** Served byte for byte; relative to the folder of the shipped scripts, and inside it. */
    path: z.string().regex(/^(?!.*\.\.)[\w-][\w./-]*$/, "must be a relative path without '..'"),
  }),
]);

const audioPartSchema = z
  .strictObject({
    startMs: ms,
    durationMs: lengthMs,
    format: z.enum(["mp3", "wav", "m4a"]).default("mp3"),
    /** How long after the part's end its file is at Dynamics. */
    availableAfterMs: ms.default(0),
    /** How long after the part's end its row is there, with `msdyn_recording` still null; absent = with the file. */
    rowAfterMs: ms.optional(),
    /** Whether the row gets the metadata file with `chunkStartTime`. */
    metadata: z.boolean().default(true),
    source: sourceSchema,
  })
  .refine((part) => (part.rowAfterMs ?? 0) <= part.availableAfterMs, {
    path: ["rowAfterMs"],
    message: "must not be later than availableAfterMs",
  });

const agentSchema = z.strictObject({
  /** Entra object id. */
  entraId: z.guid("must be a guid"),
  /** User principal name; the `agent` of the call events. */
  upn: z.string().min(1),
  name: z.string().min(1),
});

const eventSchema = z.strictObject({
  atMs: ms,
  type: z.enum(CALL_EVENT_TYPES),
  /** A key of `agents`. */
  agent: z.string(),
  /** With `ringing` or `connected`: how the agent takes part. */
  as: z.enum(["primary", "consult"]).default("primary"),
});

/** A scripted call; every time is in ms after the call's start. The format is described in e2e/dynamics/README.md. */
const callScriptSchema = z
  .strictObject({
    direction: z.enum(["inbound", "outbound"]).default("inbound"),
    customer: z.string().min(1),
    queue: z.string().min(1),
    agents: z.record(z.string(), agentSchema),
    events: z.array(eventSchema).min(1, "must have at least one event"),
    audio: z.array(audioPartSchema).default([]),
    /** When the customer hangs up, if no agent has ended the conversation before; absent = at the last event. */
    customerLeavesMs: ms.optional(),
  })
  .superRefine((script, context) => {
    for (const [index, event] of script.events.entries()) {
      if (Object.hasOwn(script.agents, event.agent)) continue;
      const known = Object.keys(script.agents).join(", ");
      context.addIssue({
        code: "custom",
        path: ["events", index, "agent"],
        message: `must be one of the script's agents (${known}), found ${JSON.stringify(event.agent)}`,
      });
    }
  });

/** A script as written. */
export type CallScriptInput = z.input<typeof callScriptSchema>;
/** A script with its defaults filled in. */
export type CallScript = z.output<typeof callScriptSchema>;
export type ScriptedEvent = CallScript["events"][number];
export type ScriptedAgent = z.output<typeof agentSchema>;
export type AudioPart = CallScript["audio"][number];

/** A script that cannot be played; the text names every fault. */
export class CallScriptError extends DeskreelError {
  constructor(subject: string, problems: readonly string[], options?: ErrorOptions) {
    super("BAD_CALL_SCRIPT", `${subject} has ${problems.length} problem(s): ${problems.join("; ")}`, options);
  }
}

/** @throws {@link CallScriptError} naming every faulty field at once. */
export function parseCallScript(input: unknown, subject = "the call script"): CallScript {
  const parsed = callScriptSchema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new CallScriptError(
    subject,
    fieldProblems(parsed.error).map(({ path, message }) => `${path || "/"} ${message}`),
  );
}
