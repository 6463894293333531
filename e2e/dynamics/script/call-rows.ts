import type { EpochMs } from "#shared/time/units.ts";
import type { CallCentre } from "./call-centre.ts";
import { CallScriptError, type ScriptedAgent, type ScriptedConversation } from "./call-script.ts";
import type { CallStep } from "./call-step.ts";
import { CallStints } from "./call-stints.ts";
import { CallTruth, wholeSecond } from "./call-truth.ts";
import { ConversationRows } from "./conversation-rows.ts";
import {
  ACTIVITY,
  CLOSURE,
  CONVERSATION_STATUS as STATUS,
  CREATION,
  SESSION_EVENT as EVENT,
  STATUS_REASON as REASON,
} from "./row-codes.ts";
import { type ConversationState, isIn, isOffered, type OpenSession, type Stint } from "./stint.ts";

/** A step that an agent does. */
type AgentStep = Extract<CallStep, { agent: string }>;

/**
 * Plays one conversation into the rows, step by step as the call goes: what Dataverse holds at each moment. What the
 * steps mean to a person who watches goes into {@link CallRows.truth}, which looks at no row.
 */
export class CallRows {
  readonly truth: CallTruth;
  readonly #centre: CallCentre;
  readonly #script: ScriptedConversation;
  readonly #agents: Readonly<Record<string, ScriptedAgent>>;
  readonly #rows: ConversationRows;
  readonly #stints: CallStints;
  readonly #state: ConversationState;
  /** The session that waits in the queue for an agent. */
  #waiting: OpenSession | null = null;
  #isAccepted = false;

  /** @param agents - by the keys that the script's steps use. */
  constructor(
    centre: CallCentre,
    script: ScriptedConversation,
    agents: Readonly<Record<string, ScriptedAgent>>,
    conversationId: string,
    at: EpochMs,
  ) {
    this.#centre = centre;
    this.#script = script;
    this.#agents = agents;
    for (const agent of Object.values(agents)) centre.desks.seat(agent, at);
    this.truth = new CallTruth(conversationId);
    centre.truths.push(this.truth);
    this.#state = { isVoice: script.channel === "voice", wrapUpAt: null, closedAt: null };
    this.#rows = new ConversationRows(centre, script, conversationId, at);
    const parts = { centre, rows: this.#rows, truth: this.truth };
    this.#stints = new CallStints(parts, this.#state, script.wrapUpBlocks);
    if (script.direction === "inbound") this.#waiting = this.#rows.openSession(CREATION.fromQueue, at);
  }

  /** The ids of the rows that are this conversation's. */
  get ids(): ReadonlySet<string> {
    return this.#rows.ids;
  }

  /**
   * Writes what a step means for the rows.
   *
   * @throws CallScriptError for a step that cannot happen now, such as an answer without an offer.
   */
  apply(step: CallStep, at: EpochMs): void {
    switch (step.do) {
      case "ring":
        this.#ring(step, at);
        return;
      case "answer":
        this.#answer(this.#offered(step), at);
        return;
      case "join":
        this.#join(step, at);
        return;
      case "miss":
        this.#fail(this.#offered(step), "missed", at);
        return;
      case "reject":
        this.#fail(this.#offered(step), "rejected", at);
        return;
      case "drop-offer":
        this.#drop(this.#offered(step), at);
        return;
      case "hold":
        this.#stints.beginHold(this.#active(step), at);
        return;
      case "resume":
        this.#resume(this.#active(step), at);
        return;
      case "consult":
        this.#consult(this.#active(step), step.to, step.public, at);
        return;
      case "transfer-to-agent":
        this.#active(step);
        this.#offer(step.to, this.#rows.openSession(CREATION.agentTransfer, at), at);
        return;
      case "transfer-to-queue":
        this.#transferToQueue(this.#active(step), at);
        return;
      case "leave":
        this.#leave(step, at);
        return;
      case "end":
        this.#beginWrapUp(this.#active(step), REASON.wrapUp, at);
        return;
      case "finish":
        this.#finish(step, at);
        return;
      case "customer-leaves":
        this.#customerLeaves(at);
        return;
      case "force-close":
        this.#close(REASON.closedBySupervisor, CLOSURE.forceClose, at);
        return;
      case "presence":
      case "log-out":
      case "log-in":
        this.#changePresence(step, at);
        return;
      case "close-browser":
        return;
    }
  }

  #ring(step: AgentStep, at: EpochMs): void {
    const session = this.#waiting;
    if (session === null) throw impossible(step, "no session of this call waits in the queue");
    this.#waiting = null;
    this.#offer(step.agent, session, at);
    this.#rows.changeStatus(STATUS.active, REASON.awaitingAcceptance, at);
  }

  #offer(key: string, session: OpenSession, at: EpochMs): void {
    const who = { key, agent: this.#agent(key), mode: "primary", isPublic: false } as const;
    const stint = this.#stints.add(who, session, at, null);
    this.#rows.changeSession(session, { msdyn_agentassignedon: at });
    this.#rows.sessionEvent(session, EVENT.agentAssigned, at);
    this.#centre.desks.offered(stint, at);
    this.truth.expect("ringing", stint, at);
  }

  #join(step: AgentStep & { do: "join" }, at: EpochMs): void {
    const running = this.#stints.primary();
    const who = { key: step.agent, agent: this.#agent(step.agent), mode: step.as, isPublic: false };
    if (step.as !== "primary") {
      if (running === undefined) throw impossible(step, "nobody is in the call");
      this.#stints.add(who, running.session, at, at);
      this.#rows.sessionEvent(running.session, EVENT.participantAccepted, at, step.as);
      return;
    }
    if (running !== undefined) throw impossible(step, `${running.agent} has the customer`);
    const session = this.#waiting ?? this.#rows.openSession(CREATION.fromQueue, at);
    this.#waiting = null;
    this.#rows.changeSession(session, { msdyn_agentassignedon: at });
    this.#rows.sessionEvent(session, EVENT.agentAssigned, at);
    this.#becomeActive(this.#stints.add(who, session, at, at), at);
  }

  #answer(stint: Stint, at: EpochMs): void {
    const before = this.#stints.primary();
    stint.joinedAt = at;
    this.#rows.changeParticipant(stint, { msdyn_joinedon: at });
    if (wholeSecond(stint.offeredAt) === wholeSecond(at)) this.truth.expectNoRing(stint);
    if (stint.mode === "primary") {
      if (before !== undefined) this.#stints.endHold(before, at);
      this.#becomeActive(stint, at);
      return;
    }
    this.#rows.sessionEvent(stint.session, EVENT.participantAccepted, at, stint.mode);
    this.#centre.desks.accepted(stint, at);
    this.truth.expect("connected", stint, at);
    this.#stints.beginConferences(at);
  }

  /** The agent has the customer now. */
  #becomeActive(stint: Stint, at: EpochMs): void {
    this.#rows.changeSession(stint.session, { msdyn_agentacceptedon: at });
    this.#rows.sessionEvent(stint.session, EVENT.agentAccepted, at);
    this.#rows.changeStatus(STATUS.active, REASON.inConversation, at, {
      msdyn_activeagentid: stint.userId,
      msdyn_activeagentassignedon: at,
      ...(stint.isBot ? {} : { msdyn_isagentaccepted: true }),
      ...(stint.isBot || this.#isAccepted ? {} : { msdyn_startedon: at }),
      msdyn_conversationactivitystate: ACTIVITY.talk,
    });
    this.#isAccepted ||= !stint.isBot;
    this.#centre.desks.accepted(stint, at, this.#script.direction === "outbound");
    this.truth.expect("connected", stint, at);
  }

  #fail(stint: Stint, how: "missed" | "rejected", at: EpochMs): void {
    const isConsult = stint.mode === "consult";
    const event =
      how === "missed"
        ? { ofAgent: EVENT.agentTimeout, ofParticipant: EVENT.participantTimeout }
        : { ofAgent: EVENT.agentRejected, ofParticipant: EVENT.participantRejected };
    const out =
      how === "missed"
        ? { reason: "AgentTimeout", closure: CLOSURE.agentTimeout }
        : { reason: "AgentReject", closure: CLOSURE.agentReject };
    this.#rows.sessionEvent(stint.session, isConsult ? event.ofParticipant : event.ofAgent, at, stint.mode);
    this.#centre.desks.withdrawn(stint, how, at);
    this.#stints.takeOut(stint, out, at);
    if (!isConsult) this.#waitAgain(CREATION.fromQueue, at);
  }

  #drop(stint: Stint, at: EpochMs): void {
    stint.droppedAt = at;
    this.#centre.desks.withdrawn(stint, "over", at);
    this.#rows.closeSession(stint.session, CLOSURE.browserRefresh, at);
    this.truth.expect("not-responding", stint, at);
    this.#waitAgain(CREATION.fromQueue, at);
  }

  /** Without an agent in it the call goes back into the queue. */
  #waitAgain(creationReason: number, at: EpochMs): void {
    if (this.#stints.primary() !== undefined) return;
    this.#rows.changeStatus(STATUS.open, REASON.awaitingAssignment, at);
    this.#waiting = this.#rows.openSession(creationReason, at);
  }

  #resume(stint: Stint, at: EpochMs): void {
    this.#stints.endHold(stint, at);
    this.#rows.change({ msdyn_conversationactivitystate: ACTIVITY.talk });
    this.#stints.beginConferences(at);
  }

  /** A consulted agent is a second participant of the session that is running. */
  #consult(primary: Stint, key: string, isPublic: boolean, at: EpochMs): void {
    if (!isPublic) this.#stints.beginHold(primary, at);
    const who = { key, agent: this.#agent(key), mode: "consult", isPublic } as const;
    const consulted = this.#stints.add(who, primary.session, at, null);
    this.#rows.sessionEvent(primary.session, EVENT.participantInvited, at, "consult");
    this.#centre.desks.offered(consulted, at);
    this.truth.expect("consulting", primary, at);
    this.truth.expect("ringing", consulted, at);
  }

  #transferToQueue(stint: Stint, at: EpochMs): void {
    this.#rows.sessionEvent(stint.session, EVENT.transferredToQueue, at);
    this.#stints.handOver(stint, stint.isBot ? CLOSURE.botTransfer : CLOSURE.transferToQueue, at);
    this.#waitAgain(stint.isBot ? CREATION.botTransfer : CREATION.queueTransfer, at);
  }

  #leave(step: AgentStep, at: EpochMs): void {
    const stint = this.#stints.newestOf(step.agent, isIn);
    if (stint === undefined) throw impossible(step, `${step.agent} is not in the call`);
    if (stint.mode !== "primary") {
      const ending = stint.mode === "consult" ? EVENT.agentEndConsult : EVENT.participantLeft;
      this.#rows.sessionEvent(stint.session, ending, at, stint.mode);
      this.#stints.takeOut(stint, { reason: null, closure: CLOSURE.conversationClosed }, at);
      return;
    }
    if (this.#stints.primary() === stint) throw impossible(step, "nobody else has the customer");
    this.#rows.sessionEvent(stint.session, EVENT.transferredToAgent, at);
    this.#stints.handOver(stint, CLOSURE.agentTransferred, at);
  }

  /** The last agent's wrap-up is the conversation's; whoever else takes part is out. */
  #beginWrapUp(stint: Stint, reason: number, at: EpochMs): void {
    for (const other of this.#stints.goingOn()) {
      // A primary takes guests along.
      if (other === stint || other.leftAt !== null) continue;
      if (other.mode === "primary" && other.joinedAt !== null) {
        this.#stints.handOver(other, CLOSURE.agentTransferred, at);
      } else this.#stints.takeOut(other, { reason: null, closure: CLOSURE.conversationClosed }, at);
    }
    this.#stints.endHold(stint, at);
    this.#state.wrapUpAt = at;
    const ending = reason === REASON.wrapUp ? EVENT.agentEndConversation : EVENT.customerDisconnected;
    this.#rows.sessionEvent(stint.session, ending, at);
    this.#rows.changeSession(stint.session, { msdyn_wrapupinitiatedon: at });
    this.#rows.changeParticipant(stint, { msdyn_startactivewrapuptime: at });
    this.#rows.changeStatus(STATUS.wrapUp, reason, at, {
      msdyn_wrapupinitiatedon: at,
      msdyn_conversationactivitystate: ACTIVITY.ended,
    });
    this.#stints.beginWrapUp(stint, "ended", at);
  }

  #finish(step: AgentStep, at: EpochMs): void {
    const stint = this.#stints.newestOf(step.agent, (one) => one.wrapUpAt !== null);
    if (stint === undefined) throw impossible(step, `${step.agent} is in no wrap-up`);
    if (stint.leftAt === null) {
      this.#rows.sessionEvent(stint.session, EVENT.endAfterWrapUp, at);
      this.#close(REASON.endedByAgent, CLOSURE.endedByAgent, at);
    } else this.#stints.release(stint, "transferred", at);
  }

  /** The agent who has the customer gets a wrap-up; without one, or one who is logged out, all is over. */
  #customerLeaves(at: EpochMs): void {
    if (this.#state.wrapUpAt !== null || this.#state.closedAt !== null) return;
    const primary = this.#stints.primary();
    if (primary !== undefined && this.#centre.desks.isLoggedIn(primary.userId)) {
      this.#beginWrapUp(primary, REASON.customerLeftActive, at);
      return;
    }
    const reason = this.#isAccepted ? REASON.customerLeftActive : REASON.customerLeftWaiting;
    this.#close(reason, CLOSURE.customerLeft, at);
  }

  #close(reason: number, closure: number, at: EpochMs): void {
    if (this.#state.closedAt !== null) return;
    const goingOn = this.#stints.goingOn();
    // Guests first: their primary is still there to be told.
    const guests = goingOn.filter((one) => one.mode !== "primary");
    const primaries = goingOn.filter((one) => one.mode === "primary");
    for (const stint of [...guests, ...primaries]) {
      this.#stints.partFrom(stint, { reason: null, closure }, at);
    }
    if (this.#waiting !== null) this.#rows.closeSession(this.#waiting, closure, at);
    this.#waiting = null;
    this.#state.closedAt = at;
    this.#rows.changeStatus(STATUS.closed, reason, at, {
      msdyn_closedon: at,
      msdyn_isabandoned: !this.#isAccepted,
      msdyn_conversationactivitystate: ACTIVITY.ended,
      statecode: 1,
    });
    for (const stint of this.#stints.all) this.truth.expect("agent-available", stint, at);
    for (const stint of goingOn) this.#stints.release(stint, "ended", at);
  }

  #changePresence(step: AgentStep & { do: "presence" | "log-out" | "log-in" }, at: EpochMs): void {
    const { desks } = this.#centre;
    const agent = this.#agent(step.agent);
    if (agent.bot === true) throw impossible(step, `${step.agent} is a bot`);
    const userId = desks.seat(agent, at);
    const isFreed =
      step.do === "presence"
        ? desks.setPresence(userId, step.presence, at, step.by, step.called)
        : step.do === "log-out"
          ? desks.logOut(userId, at)
          : desks.logIn(userId, at);
    if (isFreed) this.truth.expectFreed(agent.upn, at);
  }

  #active(step: AgentStep): Stint {
    const primary = this.#stints.primary();
    if (primary?.agent !== step.agent || this.#state.wrapUpAt !== null) {
      throw impossible(step, `${step.agent} does not have the customer`);
    }
    return primary;
  }

  #offered(step: AgentStep): Stint {
    const stint = this.#stints.newestOf(step.agent, isOffered);
    if (stint === undefined) throw impossible(step, `${step.agent} is offered nothing`);
    return stint;
  }

  #agent(key: string): ScriptedAgent {
    const agent = this.#agents[key];
    if (agent === undefined)
      throw new TypeError(`the script has no agent ${key}, which its schema rules out`);
    return agent;
  }
}

function impossible(step: CallStep, why: string): CallScriptError {
  return new CallScriptError("the call script", [`${step.do} at ${step.atMs} ms cannot happen: ${why}`]);
}
