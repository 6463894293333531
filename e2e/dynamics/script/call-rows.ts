import type { EpochMs } from "#shared/time/units.ts";
import { VOICE_CALL } from "../dataverse/choice-labels.ts";
import type { Cell } from "../dataverse/columns.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import type { CallScript, ScriptedAgent, ScriptedEvent } from "./call-script.ts";
import { upsertQueue, upsertUser } from "./master-rows.ts";

const MODES = { primary: 192350002, consult: 192350003 } as const;
const REASON = {
  awaitingAssignment: 192350001,
  awaitingAcceptance: 192350002,
  inConversation: 192350003,
  wrapUp: 192350005,
  customerLeftActive: 192350006,
  endedByAgent: 192350008,
  customerLeftWaiting: 192350012,
} as const;
const CLOSURE = {
  agentTimeout: 192350002,
  transferred: 192350006,
  customerLeft: 192350020,
  ended: 192350021,
} as const;
const ACTIVITY = { talk: 1, hold: 2, ended: 3 } as const;

/** One presence of an agent in the call: a participant row and the session that it belongs to. */
interface Presence {
  readonly participantId: string;
  readonly sessionId: string;
  readonly agent: string;
  readonly mode: "primary" | "consult";
  joined: boolean;
  left: boolean;
  heldSince: EpochMs | null;
  heldMs: number;
}

/**
 * Writes a conversation's rows as the call goes: what an adapter sees when it polls in the middle of a call. The order
 * of the writes follows Microsoft's column descriptions; the real sequence is not documented.
 */
export class CallRows {
  readonly conversationId: string;
  readonly #store: DataverseStore;
  readonly #script: CallScript;
  readonly #userIds: ReadonlyMap<string, string>;
  readonly #queueId: string;
  readonly #presences: Presence[] = [];
  #closed = false;
  #accepted = false;

  constructor(store: DataverseStore, script: CallScript, conversationId: string, at: EpochMs) {
    this.conversationId = conversationId;
    this.#store = store;
    this.#script = script;
    this.#userIds = new Map(
      Object.entries(script.agents).map(([key, agent]) => [key, upsertUser(store, agent)]),
    );
    this.#queueId = upsertQueue(store, script.queue);
    this.#openConversation(at);
  }

  /** Writes what an event of the script means for the rows. */
  apply(event: ScriptedEvent, at: EpochMs): void {
    if (this.#closed) return;
    const presence = this.#presenceOf(event.agent);
    switch (event.type) {
      case "ringing":
        this.#offer(event, at);
        return;
      case "connected":
        this.#join(presence ?? this.#offer(event, at), at);
        return;
      case "not-responding":
        if (presence !== undefined) this.#timeOut(presence, at);
        return;
      case "on-hold":
        if (presence !== undefined) this.#hold(presence, at);
        return;
      case "hold-done":
      case "conferencing":
        if (presence !== undefined) this.#talk(presence, at);
        return;
      case "wrap-up":
        if (presence !== undefined) this.#wrapUp(presence, at);
        return;
      case "agent-available":
        if (presence !== undefined) this.#release(presence, at);
        return;
      case "consulting":
      case "consult-done":
        return; // The consulted agent's own participant row is what Dynamics shows.
    }
  }

  /** The customer hangs up; nothing when the conversation is closed already. */
  customerLeaves(at: EpochMs): void {
    const reason = this.#accepted ? REASON.customerLeftActive : REASON.customerLeftWaiting;
    this.#close(reason, CLOSURE.customerLeft, at);
  }

  #openConversation(at: EpochMs): void {
    const { customer, direction } = this.#script;
    const outbound = direction === "outbound";
    this.#store.insert(T.conversations, {
      activityid: this.conversationId,
      msdyn_ocliveworkitemid: this.conversationId,
      msdyn_title: `Voice: ${customer}`,
      subject: `Voice: ${customer}`,
      msdyn_channel: VOICE_CALL,
      msdyn_cdsqueueid: this.#queueId,
      msdyn_createdon: at,
      msdyn_initiatedon: at,
      msdyn_isoutbound: outbound,
      msdyn_isagentaccepted: false,
      msdyn_isabandoned: false,
      msdyn_transfercount: 0,
      msdyn_conversationactivitystate: 0,
      statecode: 0,
      ...status(1, REASON.awaitingAssignment, at),
    });
    this.#store.insert(T.phoneContexts, {
      msdyn_liveworkitemid: this.conversationId,
      [outbound ? "msdyn_tophone" : "msdyn_fromphone"]: customer,
      msdyn_providername: "Deskreel simulator",
      statecode: 0,
      statuscode: 1,
    });
  }

  /** A primary offer opens a session of its own, a consult joins the one that is running. */
  #offer(event: ScriptedEvent, at: EpochMs): Presence {
    const running = this.#presences.findLast((one) => one.mode === "primary" && one.joined && !one.left);
    const joinsSession = event.as === "consult" ? running?.sessionId : undefined;
    const sessionId = joinsSession ?? this.#openSession(running !== undefined, at);
    const participantId = this.#store.insert(T.participants, {
      msdyn_name: this.#agent(event.agent).name,
      msdyn_omnichannelsession: sessionId,
      msdyn_agentid: this.#userIds.get(event.agent) ?? null,
      msdyn_activedirectoryuserid: this.#agent(event.agent).entraId,
      msdyn_cdsqueueid: this.#queueId,
      msdyn_mode: MODES[event.as],
      msdyn_addedon: at,
      statecode: 0,
      statuscode: 1,
    });
    if (running === undefined) this.#conversation(status(2, REASON.awaitingAcceptance, at));
    const fresh = { joined: false, left: false, heldSince: null, heldMs: 0 };
    const presence: Presence = { participantId, sessionId, agent: event.agent, mode: event.as, ...fresh };
    this.#presences.push(presence);
    return presence;
  }

  #openSession(isTransfer: boolean, at: EpochMs): string {
    const sessionId = this.#store.insert(T.sessions, {
      subject: `Voice: ${this.#script.customer}`,
      msdyn_liveworkitemid: this.conversationId,
      msdyn_cdsqueueid: this.#queueId,
      msdyn_channel: VOICE_CALL,
      msdyn_primarysession: true,
      msdyn_sessioncreatedon: at,
      msdyn_queueassignedon: at,
      msdyn_agentassignedon: at,
      msdyn_sessioncreationreason: isTransfer ? 192350001 : 192350000,
      statecode: 0,
      statuscode: 1,
    });
    this.#store.update(T.sessions, sessionId, { msdyn_sessionid: sessionId });
    this.#conversation({ msdyn_lastsessionid: sessionId });
    return sessionId;
  }

  #join(presence: Presence, at: EpochMs): void {
    presence.joined = true;
    this.#participant(presence, { msdyn_joinedon: at });
    if (presence.mode === "consult") return;
    this.#session(presence, { msdyn_agentacceptedon: at });
    this.#conversation({
      msdyn_activeagentid: this.#userIds.get(presence.agent) ?? null,
      msdyn_activeagentassignedon: at,
      msdyn_isagentaccepted: true,
      ...(this.#accepted ? {} : { msdyn_startedon: at }),
      msdyn_conversationactivitystate: ACTIVITY.talk,
      ...status(2, REASON.inConversation, at),
    });
    this.#accepted = true;
  }

  #timeOut(presence: Presence, at: EpochMs): void {
    this.#leave(presence, at, "AgentTimeout");
    if (presence.mode === "consult") return;
    this.#closeSession(presence, CLOSURE.agentTimeout, at);
    if (!this.#someoneElseIn(presence)) this.#conversation(status(1, REASON.awaitingAssignment, at));
  }

  #hold(presence: Presence, at: EpochMs): void {
    presence.heldSince = at;
    this.#participant(presence, { msdyn_startholdtime: at });
    this.#conversation({ msdyn_conversationactivitystate: ACTIVITY.hold });
  }

  #talk(presence: Presence, at: EpochMs): void {
    if (presence.heldSince !== null) presence.heldMs += at - presence.heldSince;
    presence.heldSince = null;
    this.#participant(presence, { msdyn_holdtime: Math.round(presence.heldMs / 1000) });
    this.#conversation({ msdyn_conversationactivitystate: ACTIVITY.talk });
  }

  /** The last agent's wrap-up is the conversation's; with another agent in the call it is the end of a transfer. */
  #wrapUp(presence: Presence, at: EpochMs): void {
    if (this.#someoneElseIn(presence)) {
      this.#leave(presence, at, "AgentTransferred");
      this.#closeSession(presence, CLOSURE.transferred, at);
      const row = this.#store.get(T.conversations, this.conversationId);
      this.#conversation({ msdyn_transfercount: Number(row?.["msdyn_transfercount"]) + 1 });
      return;
    }
    this.#session(presence, { msdyn_wrapupinitiatedon: at });
    this.#conversation({
      msdyn_wrapupinitiatedon: at,
      msdyn_conversationactivitystate: ACTIVITY.ended,
      ...status(5, REASON.wrapUp, at),
    });
  }

  #release(presence: Presence, at: EpochMs): void {
    if (presence.mode === "consult" || !presence.joined || this.#someoneElseIn(presence)) {
      this.#leave(presence, at, null);
      if (presence.mode === "primary") this.#closeSession(presence, CLOSURE.ended, at);
      return;
    }
    this.#close(REASON.endedByAgent, CLOSURE.ended, at);
  }

  #close(reason: number, closure: number, at: EpochMs): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const presence of this.#presences.filter((one) => !one.left)) {
      this.#leave(presence, at, null);
      if (presence.mode === "primary") this.#closeSession(presence, closure, at);
    }
    this.#conversation({
      msdyn_closedon: at,
      msdyn_isabandoned: !this.#accepted,
      msdyn_conversationactivitystate: ACTIVITY.ended,
      statecode: 1,
      ...status(4, reason, at),
    });
  }

  #leave(presence: Presence, at: EpochMs, reason: string | null): void {
    presence.left = true;
    const end = { statecode: 1, statuscode: 2 };
    this.#participant(presence, { msdyn_lefton: at, msdyn_leftonreason: reason, ...end });
  }

  #closeSession(presence: Presence, closure: number, at: EpochMs): void {
    const end = { msdyn_sessionclosedon: at, msdyn_closurereason: closure, statecode: 1, statuscode: 2 };
    this.#session(presence, end);
  }

  #presenceOf(agent: string): Presence | undefined {
    return this.#presences.findLast((one) => one.agent === agent && !one.left);
  }

  #someoneElseIn(presence: Presence): boolean {
    return this.#presences.some(
      (one) => one !== presence && one.mode === "primary" && one.joined && !one.left,
    );
  }

  #agent(key: string): ScriptedAgent {
    const agent = this.#script.agents[key];
    if (agent === undefined)
      throw new TypeError(`the script has no agent ${key}, which its schema rules out`);
    return agent;
  }

  #conversation(values: Record<string, Cell>): void {
    this.#store.update(T.conversations, this.conversationId, values);
  }

  #session(presence: Presence, values: Record<string, Cell>): void {
    this.#store.update(T.sessions, presence.sessionId, values);
  }

  #participant(presence: Presence, values: Record<string, Cell>): void {
    this.#store.update(T.participants, presence.participantId, values);
  }
}

function status(code: number, reason: number, at: EpochMs): Record<string, Cell> {
  return { statuscode: code, msdyn_statuschangereason: reason, msdyn_statusupdatedon: at };
}
