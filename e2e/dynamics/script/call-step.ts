import { z } from "zod";

const atMs = z.int("must be a whole number of milliseconds").min(0, "must be 0 or more");
/** A key of the script's `agents`. */
const agent = z.string();

/** What an agent can be shown as; Dynamics knows these five and lets an administrator add names to each. */
const PRESENCES = ["available", "busy", "busy-dnd", "away", "offline"] as const;
export type Presence = (typeof PRESENCES)[number];

/** What agents, the customer and Dynamics do in a call; `atMs` counts from the call's start. */
export const callStepSchema = z.discriminatedUnion(
  "do",
  [
    /** Dynamics offers the call to an agent. */
    z.strictObject({ do: z.literal("ring"), atMs, agent }),
    /** The agent takes the offer: of the call, of a transfer, of a consultation. */
    z.strictObject({ do: z.literal("answer"), atMs, agent }),
    /** The agent is in the call without having been asked: auto-answer, an outbound call, a bot, a supervisor. */
    z.strictObject({
      do: z.literal("join"),
      atMs,
      agent,
      as: z.enum(["primary", "monitor", "preview"]).default("primary"),
    }),
    /** The agent lets the offer time out. */
    z.strictObject({ do: z.literal("miss"), atMs, agent }),
    z.strictObject({ do: z.literal("reject"), atMs, agent }),
    /** The browser was gone: Dynamics closes the offer's session, and the participant's row says nothing. */
    z.strictObject({ do: z.literal("drop-offer"), atMs, agent }),
    z.strictObject({ do: z.literal("hold"), atMs, agent }),
    z.strictObject({ do: z.literal("resume"), atMs, agent }),
    /** The agent asks another one; the customer waits on hold, or, when it is public, hears it. */
    z.strictObject({
      do: z.literal("consult"),
      atMs,
      agent,
      to: agent,
      public: z.boolean().default(false),
    }),
    /** A second session is offered to the other agent; the first stays in the call until `leave`. */
    z.strictObject({ do: z.literal("transfer-to-agent"), atMs, agent, to: agent }),
    /** The agent is out of the call at once, which waits for the next `ring`. */
    z.strictObject({ do: z.literal("transfer-to-queue"), atMs, agent }),
    /** Out of a call that goes on: a consulted agent, a supervisor, a bot, an agent whose transfer was taken. */
    z.strictObject({ do: z.literal("leave"), atMs, agent }),
    /** The agent ends the call; the wrap-up begins. */
    z.strictObject({ do: z.literal("end"), atMs, agent }),
    /** The agent's wrap-up is over; after `end` this closes the conversation. */
    z.strictObject({ do: z.literal("finish"), atMs, agent }),
    z.strictObject({ do: z.literal("customer-leaves"), atMs }),
    /** The conversation is closed from outside, whatever its state is. */
    z.strictObject({ do: z.literal("force-close"), atMs }),
    z.strictObject({
      do: z.literal("presence"),
      atMs,
      agent,
      presence: z.enum(PRESENCES),
      /** An administrator's name for it, e.g. `At lunch`; absent = Dynamics' own. */
      called: z.string().min(1).optional(),
      by: z.enum(["agent", "system"]).default("agent"),
    }),
    z.strictObject({ do: z.literal("log-out"), atMs, agent }),
    z.strictObject({ do: z.literal("log-in"), atMs, agent }),
    /** The agent's browser is gone, of which Dynamics writes nothing. */
    z.strictObject({ do: z.literal("close-browser"), atMs, agent }),
  ],
  { error: "must be something that can be done" },
);

export type CallStep = z.output<typeof callStepSchema>;

/** The agents that a step names: who does it, and to whom. */
export function agentsOfStep(step: CallStep): { readonly field: "agent" | "to"; readonly agent: string }[] {
  const named: { field: "agent" | "to"; agent: string }[] = [];
  if ("agent" in step) named.push({ field: "agent", agent: step.agent });
  if ("to" in step) named.push({ field: "to", agent: step.to });
  return named;
}
