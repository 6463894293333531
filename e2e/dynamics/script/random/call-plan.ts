import fc from "fast-check";

/** How an offer comes to nothing. */
type Refusal = "miss" | "reject" | "drop-offer";

/** Whole seconds from the deed before to this one. */
interface After {
  readonly afterS: number;
}

/** What may happen in a call while an agent has the customer. `pick` chooses among the agents who are free then. */
export type Deed = After &
  (
    | { readonly kind: "hold"; readonly forS: number }
    | {
        readonly kind: "consult";
        readonly pick: number;
        readonly isPublic: boolean;
        readonly refusal: "miss" | "reject" | null;
        readonly ringS: number;
        readonly talkS: number;
        /** Null: the customer stays on hold until the consultation is over. */
        readonly conferenceS: number | null;
        /** The consulted agent stays until the call ends or is passed on. */
        readonly staysOn: boolean;
      }
    | {
        readonly kind: "transfer-to-agent";
        readonly pick: number;
        readonly refusal: "miss" | "reject" | null;
        readonly ringS: number;
        readonly wrapUpS: number;
      }
    | {
        readonly kind: "transfer-to-queue";
        readonly offers: Offers;
        readonly wrapUpS: number;
      }
    | {
        readonly kind: "presence";
        readonly presence: "available" | "busy-dnd" | "away";
        readonly forS: number;
      }
    | { readonly kind: "monitor"; readonly forS: number }
  );

/** How a call in the queue finds its agent: offers that come to nothing, then one that is taken. */
export interface Offers {
  readonly refused: readonly { readonly pick: number; readonly ringS: number; readonly how: Refusal }[];
  readonly pick: number;
  readonly ringS: number;
}

/** A call by choices only; who is free when, and so the times, come from the day that it is put into. */
export interface CallPlan {
  /** Whole seconds after the call before began. */
  readonly afterS: number;
  /** Where within its second it begins, in ms. */
  readonly offsetMs: number;
  readonly channel: "voice" | "chat";
  /** Without an offer: outbound, auto-answer. With one: from the queue, or from a bot first. */
  readonly begins: "ring" | "auto-answer" | "outbound" | "bot";
  readonly offers: Offers;
  readonly deeds: readonly Deed[];
  readonly ends: "agent" | "customer" | "customer-held" | "customer-ringing" | "log-out" | "browser";
  readonly endsAfterS: number;
  readonly wrapUpS: number;
  readonly wrapUpBlocks: boolean;
  /** The agent goes away by hand: not at all, in the wrap-up, or after it. */
  readonly away: "no" | "in-wrap-up" | "after";
}

/** How large and how dense random days are. */
export interface DaySize {
  readonly agents: number;
  readonly calls: { readonly min: number; readonly max: number };
  /** The longest stretch of a call between two deeds, and between the beginnings of two calls; whole seconds. */
  readonly longestS: number;
}

/** Plans whose smallest are one plain answered call each; what is left out shrinks first. */
export function callPlans(size: DaySize): fc.Arbitrary<CallPlan[]> {
  return fc.array(callPlan(size.longestS), {
    minLength: size.calls.min,
    maxLength: size.calls.max,
    size: "max",
  });
}

function callPlan(longestS: number): fc.Arbitrary<CallPlan> {
  const seconds = fc.integer({ min: 1, max: longestS });
  const pick = fc.nat(63);
  const refusal = fc.option(fc.constantFrom("miss" as const, "reject" as const), { freq: 3 });
  const offers = fc.record<Offers>({
    refused: fc.array(
      fc.record({
        pick,
        ringS: seconds,
        how: fc.constantFrom<Refusal[]>("miss", "reject", "drop-offer"),
      }),
      { maxLength: 2 },
    ),
    pick,
    ringS: seconds,
  });
  const deed = fc.oneof(
    fc.record<Deed & { kind: "hold" }>({ kind: fc.constant("hold"), afterS: seconds, forS: seconds }),
    fc.record<Deed & { kind: "presence" }>({
      kind: fc.constant("presence"),
      afterS: seconds,
      presence: fc.constantFrom("available", "busy-dnd", "away"),
      forS: seconds,
    }),
    fc.record<Deed & { kind: "monitor" }>({ kind: fc.constant("monitor"), afterS: seconds, forS: seconds }),
    fc.record<Deed & { kind: "transfer-to-agent" }>({
      kind: fc.constant("transfer-to-agent"),
      afterS: seconds,
      pick,
      refusal,
      ringS: seconds,
      wrapUpS: seconds,
    }),
    fc.record<Deed & { kind: "transfer-to-queue" }>({
      kind: fc.constant("transfer-to-queue"),
      afterS: seconds,
      offers,
      wrapUpS: seconds,
    }),
    fc.record<Deed & { kind: "consult" }>({
      kind: fc.constant("consult"),
      afterS: seconds,
      pick,
      isPublic: fc.boolean(),
      refusal,
      ringS: seconds,
      talkS: seconds,
      conferenceS: fc.option(seconds),
      staysOn: fc.boolean(),
    }),
  );
  return fc.record<CallPlan>({
    afterS: fc.integer({ min: 0, max: longestS }),
    offsetMs: fc.nat(999),
    channel: mostly("voice", "chat", 8),
    begins: fc.oneof(
      { weight: 5, arbitrary: fc.constant("ring" as const) },
      { weight: 2, arbitrary: fc.constantFrom("auto-answer" as const, "outbound" as const, "bot" as const) },
    ),
    offers,
    deeds: fc.array(deed, { maxLength: 4 }),
    ends: fc.oneof(
      { weight: 4, arbitrary: fc.constant("agent" as const) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          "customer" as const,
          "customer-held" as const,
          "customer-ringing" as const,
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom("log-out" as const, "browser" as const) },
    ),
    endsAfterS: seconds,
    wrapUpS: seconds,
    wrapUpBlocks: fc.boolean(),
    away: fc.oneof(
      { weight: 4, arbitrary: fc.constant("no" as const) },
      { weight: 1, arbitrary: fc.constantFrom("in-wrap-up" as const, "after" as const) },
    ),
  });
}

function mostly<One extends string, Other extends string>(
  one: One,
  other: Other,
  weight: number,
): fc.Arbitrary<One | Other> {
  return fc.oneof({ weight, arbitrary: fc.constant(one) }, { weight: 1, arbitrary: fc.constant(other) });
}
