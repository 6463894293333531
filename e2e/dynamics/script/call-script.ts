import { z } from "zod";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { fieldProblems } from "#shared/runtime/schema-problems.ts";
import { audioPartSchema } from "./audio-part.ts";
import { agentsOfStep, callStepSchema } from "./call-step.ts";

const agentSchema = z.strictObject({
  /** Entra object id. */
  entraId: z.guid("must be a guid"),
  /** User principal name. */
  upn: z.string().min(1),
  name: z.string().min(1),
  /** A bot is a user too, but nobody sits there. */
  bot: z.boolean().default(false),
});

const conversationFields = {
  channel: z.enum(["voice", "chat"]).default("voice"),
  direction: z.enum(["inbound", "outbound"]).default("inbound"),
  customer: z.string().min(1),
  queue: z.string().min(1),
  /** Whether an agent in wrap-up gets no other work; Dynamics lets the administrator choose. */
  wrapUpBlocks: z.boolean().default(true),
  steps: z.array(callStepSchema).min(1, "must have at least one step"),
  audio: z.array(audioPartSchema).default([]),
};

const conversationSchema = z.strictObject(conversationFields);

/** A scripted call; every time is in ms after the call's start. The format is described in e2e/dynamics/README.md. */
const callScriptSchema = z
  .strictObject({
    ...conversationFields,
    agents: z.record(z.string(), agentSchema),
    /** Other conversations of the same agents at the same time. */
    beside: z
      .array(z.strictObject({ afterMs: z.int().min(0, "must be 0 or more"), ...conversationFields }))
      .default([]),
  })
  .superRefine((script, context) => {
    const known = Object.keys(script.agents).join(", ");
    const check = (steps: typeof script.steps, path: (string | number)[]) => {
      for (const [index, step] of steps.entries()) {
        for (const { field, agent } of agentsOfStep(step)) {
          if (Object.hasOwn(script.agents, agent)) continue;
          context.addIssue({
            code: "custom",
            path: [...path, "steps", index, field],
            message: `must be one of the script's agents (${known}), found ${JSON.stringify(agent)}`,
          });
        }
      }
    };
    check(script.steps, []);
    for (const [index, { steps }] of script.beside.entries()) check(steps, ["beside", index]);
  });

/** A script as written. */
export type CallScriptInput = z.input<typeof callScriptSchema>;
/** A script with its defaults filled in. */
export type CallScript = z.output<typeof callScriptSchema>;
/** What is played as one conversation. */
export type ScriptedConversation = z.output<typeof conversationSchema>;
export type ScriptedAgent = z.input<typeof agentSchema>;

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
