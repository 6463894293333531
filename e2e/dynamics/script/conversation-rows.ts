import type { EpochMs } from "#shared/time/units.ts";
import { LIVE_CHAT, VOICE_CALL } from "../dataverse/choice-labels.ts";
import type { Cell } from "../dataverse/columns.ts";
import { ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import type { CallCentre } from "./call-centre.ts";
import type { ScriptedAgent, ScriptedConversation } from "./call-script.ts";
import { upsertQueue } from "./master-rows.ts";
import {
  ACCESS,
  ACTIVITY,
  CONSULT_BY_VOICE,
  CONVERSATION_STATUS,
  HOLD_EVENT,
  MODE,
  SESSION_EVENT as EVENT,
  SESSION_EVENT_REASON,
  STATUS_REASON,
} from "./row-codes.ts";
import type { OpenSession, Stint, StintMode } from "./stint.ts";

/**
 * Writes the rows of one conversation: what each fact looks like in Dataverse, by Microsoft's column descriptions. The
 * real sequence of writes is not documented.
 */
export class ConversationRows {
  readonly conversationId: string;
  /** The conversation's and all that were written with it. */
  readonly ids = new Set<string>();
  readonly #centre: CallCentre;
  readonly #queueId: string;
  readonly #channel: string;
  readonly #title: string;

  constructor(centre: CallCentre, script: ScriptedConversation, conversationId: string, at: EpochMs) {
    this.conversationId = conversationId;
    this.ids.add(conversationId);
    this.#centre = centre;
    this.#queueId = upsertQueue(centre.store, script.queue);
    this.#channel = script.channel === "voice" ? VOICE_CALL : LIVE_CHAT;
    this.#title = `${script.channel === "voice" ? "Voice" : "Chat"}: ${script.customer}`;
    this.#open(script, at);
  }

  #open({ channel, direction, customer }: ScriptedConversation, at: EpochMs): void {
    const isOutbound = direction === "outbound";
    this.#centre.store.insert(T.conversations, {
      activityid: this.conversationId,
      createdon: at,
      msdyn_ocliveworkitemid: this.conversationId,
      msdyn_title: this.#title,
      subject: this.#title,
      msdyn_channel: this.#channel,
      msdyn_cdsqueueid: this.#queueId,
      msdyn_createdon: at,
      msdyn_initiatedon: at,
      msdyn_isoutbound: isOutbound,
      msdyn_isagentaccepted: false,
      msdyn_isabandoned: false,
      msdyn_transfercount: 0,
      msdyn_conversationactivitystate: ACTIVITY.none,
      statecode: 0,
      ...status(CONVERSATION_STATUS.open, STATUS_REASON.awaitingAssignment, at),
    });
    if (channel === "chat") return;
    this.#centre.store.insert(T.phoneContexts, {
      msdyn_ocphonecallengagementctxid: this.#newId(),
      createdon: at,
      msdyn_liveworkitemid: this.conversationId,
      [isOutbound ? "msdyn_tophone" : "msdyn_fromphone"]: customer,
      msdyn_providername: "Deskreel simulator",
      statecode: 0,
      statuscode: 1,
    });
  }

  /** Changes the conversation's columns. */
  change(values: Record<string, Cell>): void {
    this.#centre.store.update(T.conversations, this.conversationId, values);
  }

  /** Changes the conversation's status and with it other columns. */
  changeStatus(code: number, reason: number, at: EpochMs, values: Record<string, Cell> = {}): void {
    this.change({ ...values, ...status(code, reason, at) });
  }

  countTransfer(): void {
    const row = this.#centre.store.get(T.conversations, this.conversationId);
    this.change({ msdyn_transfercount: Number(row?.["msdyn_transfercount"]) + 1 });
  }

  openSession(creationReason: number, at: EpochMs): OpenSession {
    const id = this.#newId();
    this.#centre.store.insert(T.sessions, {
      activityid: id,
      createdon: at,
      msdyn_sessionid: id,
      subject: this.#title,
      msdyn_liveworkitemid: this.conversationId,
      msdyn_cdsqueueid: this.#queueId,
      msdyn_channel: this.#channel,
      msdyn_primarysession: true,
      msdyn_sessioncreatedon: at,
      msdyn_queueassignedon: at,
      msdyn_sessioncreationreason: creationReason,
      statecode: 0,
      statuscode: 1,
    });
    const session = { id, isClosed: false };
    this.sessionEvent(session, EVENT.sessionCreated, at);
    this.sessionEvent(session, EVENT.queueAssigned, at);
    this.change({ msdyn_lastsessionid: id });
    return session;
  }

  changeSession(session: OpenSession, values: Record<string, Cell>): void {
    this.#centre.store.update(T.sessions, session.id, values);
  }

  closeSession(session: OpenSession, closure: number, at: EpochMs): void {
    if (session.isClosed) return;
    session.isClosed = true;
    const end = { msdyn_sessionclosedon: at, msdyn_closurereason: closure, statecode: 1, statuscode: 2 };
    this.changeSession(session, end);
    this.sessionEvent(session, EVENT.sessionEnd, at);
  }

  /** Returns the new participant's id. */
  addParticipant(
    session: OpenSession,
    who: { agent: ScriptedAgent; userId: string; mode: StintMode; isPublic: boolean },
    times: { addedAt: EpochMs; joinedAt: EpochMs | null },
  ): string {
    const isConsult = who.mode === "consult";
    return this.#centre.store.insert(T.participants, {
      msdyn_sessionparticipantid: this.#newId(),
      createdon: times.addedAt,
      msdyn_name: who.agent.name,
      msdyn_omnichannelsession: session.id,
      msdyn_agentid: who.userId,
      msdyn_activedirectoryuserid: who.agent.entraId,
      msdyn_cdsqueueid: this.#queueId,
      msdyn_mode: MODE[who.mode],
      msdyn_consultmode: isConsult ? CONSULT_BY_VOICE : null,
      msdyn_conversationaccess: isConsult ? accessOf(who.isPublic) : ACCESS.none,
      msdyn_addedon: times.addedAt,
      msdyn_joinedon: times.joinedAt,
      statecode: 0,
      statuscode: 1,
    });
  }

  changeParticipant(stint: Stint, values: Record<string, Cell>): void {
    this.#centre.store.update(T.participants, stint.participantId, values);
  }

  participantLeft(stint: Stint, reason: string | null, at: EpochMs): void {
    const end = { statecode: 1, statuscode: 2 };
    this.changeParticipant(stint, { msdyn_lefton: at, msdyn_leftonreason: reason, ...end });
  }

  setAccess(stint: Stint, isPublic: boolean): void {
    this.changeParticipant(stint, { msdyn_conversationaccess: accessOf(isPublic) });
  }

  /** Returns the id of the hold's row. */
  beginHold(stint: Stint, at: EpochMs): string {
    this.changeParticipant(stint, { msdyn_startholdtime: at });
    this.change({ msdyn_conversationactivitystate: ACTIVITY.hold });
    return this.#centre.store.insert(T.participantEvents, {
      msdyn_ocsessionparticipanteventid: this.#newId(),
      createdon: at,
      msdyn_sessionid: stint.session.id,
      msdyn_sessionparticipantid: stint.participantId,
      msdyn_eventtype: HOLD_EVENT.type,
      msdyn_eventreason: HOLD_EVENT.byAgent,
      msdyn_eventstarttime: at,
      statecode: 0,
      statuscode: 1,
    });
  }

  /** `heldMs`: all of the agent's holds in this stint. */
  endHold(stint: Stint, hold: { eventId: string; since: EpochMs }, heldMs: number, at: EpochMs): void {
    this.#centre.store.update(T.participantEvents, hold.eventId, {
      msdyn_eventendtime: at,
      msdyn_eventduration: Math.round((at - hold.since) / 1000),
    });
    this.changeParticipant(stint, { msdyn_holdtime: Math.round(heldMs / 1000) });
  }

  #newId(): string {
    const id = this.#centre.newId();
    this.ids.add(id);
    return id;
  }

  sessionEvent(session: OpenSession, type: number, at: EpochMs, mode: StintMode = "primary"): void {
    this.#centre.store.insert(T.sessionEvents, {
      msdyn_sessioneventid: this.#newId(),
      createdon: at,
      msdyn_omnichannelsession: session.id,
      msdyn_eventtime: at,
      msdyn_eventtype: type,
      msdyn_eventreason: mode === "primary" ? null : SESSION_EVENT_REASON[mode],
      statecode: 0,
      statuscode: 1,
    });
  }
}

function accessOf(isPublic: boolean): number {
  return isPublic ? ACCESS.public : ACCESS.private;
}

function status(code: number, reason: number, at: EpochMs): Record<string, Cell> {
  return { statuscode: code, msdyn_statuschangereason: reason, msdyn_statusupdatedon: at };
}
