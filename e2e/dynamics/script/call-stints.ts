import type { EpochMs } from "#shared/time/units.ts";
import type { CallCentre } from "./call-centre.ts";
import type { ScriptedAgent } from "./call-script.ts";
import type { CallTruth } from "./call-truth.ts";
import type { ConversationRows } from "./conversation-rows.ts";
import { CLOSURE, SESSION_EVENT as EVENT } from "./row-codes.ts";
import {
  type ConversationState,
  isGoingOn,
  isIn,
  type OpenSession,
  type Stint,
  type StintMode,
} from "./stint.ts";

/** How an agent comes out of a stint: what the participant's row and the session say of it. */
export interface WayOut {
  readonly reason: string | null;
  readonly closure: number;
}

/** Who takes part in one conversation: each change of a stint goes to the rows, the agent's desk and the truth alike. */
export class CallStints {
  readonly #centre: CallCentre;
  readonly #rows: ConversationRows;
  readonly #truth: CallTruth;
  readonly #state: ConversationState;
  /** Whether an agent's wrap-up takes the agent's capacity still. */
  readonly #wrapUpBlocks: boolean;
  readonly #stints: Stint[] = [];

  constructor(
    parts: { centre: CallCentre; rows: ConversationRows; truth: CallTruth },
    state: ConversationState,
    wrapUpBlocks: boolean,
  ) {
    this.#centre = parts.centre;
    this.#rows = parts.rows;
    this.#truth = parts.truth;
    this.#state = state;
    this.#wrapUpBlocks = wrapUpBlocks;
  }

  get all(): readonly Stint[] {
    return this.#stints;
  }

  goingOn(): Stint[] {
    return this.#stints.filter(isGoingOn);
  }

  /** Who has the customer: of two in a transfer the one who came last. */
  primary(): Stint | undefined {
    return this.#stints.findLast((one) => one.mode === "primary" && isIn(one));
  }

  /** Whom a consulted agent or a supervisor is with. */
  primaryOf(guest: Stint): Stint | undefined {
    return this.#stints.find((one) => one.mode === "primary" && one.session === guest.session && isIn(one));
  }

  newestOf(agent: string, is: (stint: Stint) => boolean): Stint | undefined {
    return this.#stints.findLast((one) => one.agent === agent && is(one));
  }

  /** @param joinedAt - set when the agent is in the call without an offer. */
  add(
    who: { key: string; agent: ScriptedAgent; mode: StintMode; isPublic: boolean },
    session: OpenSession,
    offeredAt: EpochMs,
    joinedAt: EpochMs | null,
  ): Stint {
    const userId = this.#centre.desks.seat(who.agent, offeredAt);
    const { mode, agent, isPublic } = who;
    const participant = { agent, userId, mode, isPublic };
    const stint: Stint = {
      participantId: this.#rows.addParticipant(session, participant, { addedAt: offeredAt, joinedAt }),
      session,
      conversation: this.#state,
      agent: who.key,
      upn: agent.upn,
      userId,
      isBot: agent.bot === true,
      mode,
      offeredAt,
      joinedAt,
      leftAt: null,
      droppedAt: null,
      wrapUpAt: null,
      hold: null,
      heldMs: 0,
      isPublic,
      wasInConference: false,
    };
    this.#stints.push(stint);
    this.#truth.addStint(stint);
    return stint;
  }

  beginHold(stint: Stint, at: EpochMs): void {
    if (stint.hold !== null) return;
    stint.hold = { eventId: this.#rows.beginHold(stint, at), since: at };
    this.#truth.expect("on-hold", stint, at);
  }

  endHold(stint: Stint, at: EpochMs): void {
    if (stint.hold === null) return;
    stint.heldMs += at - stint.hold.since;
    this.#rows.endHold(stint, stint.hold, stint.heldMs, at);
    stint.hold = null;
    this.#truth.expect("hold-done", stint, at);
  }

  /** Who was consulted is in a conference from when the customer hears it. */
  beginConferences(at: EpochMs): void {
    for (const consulted of this.#stints) {
      if (consulted.mode !== "consult" || !isIn(consulted)) continue;
      const primary = this.primaryOf(consulted);
      if (primary === undefined || primary.hold !== null) continue;
      if (!consulted.isPublic) this.#rows.setAccess(consulted, true);
      consulted.isPublic = true;
      if (consulted.wasInConference) continue;
      consulted.wasInConference = true;
      this.#truth.expect("conferencing", primary, at);
      this.#truth.expect("conferencing", consulted, at);
    }
  }

  /** The call goes on without this agent, whose wrap-up begins. */
  handOver(stint: Stint, closure: number, at: EpochMs): void {
    for (const guest of this.goingOn()) {
      if (guest === stint || guest.session !== stint.session) continue;
      this.takeOut(guest, { reason: null, closure: CLOSURE.conversationClosed }, at);
    }
    this.takeOut(stint, { reason: "AgentTransferred", closure }, at);
    this.#rows.countTransfer();
  }

  /** Out of a call that goes on. */
  takeOut(stint: Stint, out: WayOut, at: EpochMs): void {
    this.partFrom(stint, out, at);
    if (stint.joinedAt === null || stint.mode !== "primary") this.release(stint, "ended", at);
    else this.beginWrapUp(stint, "transferred", at);
  }

  beginWrapUp(stint: Stint, how: "ended" | "transferred", at: EpochMs): void {
    stint.wrapUpAt = at;
    this.#truth.expect("wrap-up", stint, at);
    if (!this.#wrapUpBlocks) this.release(stint, how, at);
  }

  /** What all ways out of a call have in common; the agent's desk keeps its work. */
  partFrom(stint: Stint, out: WayOut, at: EpochMs): void {
    this.endHold(stint, at);
    stint.leftAt = at;
    this.#rows.participantLeft(stint, out.reason, at);
    if (stint.mode === "primary") this.#rows.closeSession(stint.session, out.closure, at);
    if (stint.joinedAt === null) {
      this.#centre.desks.withdrawn(stint, "over", at);
      this.#truth.expect("not-responding", stint, at);
    } else if (stint.mode !== "primary") {
      this.#rows.sessionEvent(stint.session, EVENT.participantEnd, at, stint.mode);
      this.#truth.expect("agent-available", stint, at);
    }
    const primary = stint.mode === "consult" ? this.primaryOf(stint) : undefined;
    if (primary !== undefined) this.#truth.expect("consult-done", primary, at);
  }

  /** The agent's desk is rid of this work. */
  release(stint: Stint, how: "ended" | "transferred", at: EpochMs): void {
    if (this.#centre.desks.released(stint, how, at)) this.#truth.expectFreed(stint.upn, at);
  }
}
