import type { EpochMs } from "#shared/time/units.ts";
import type { Cell } from "../dataverse/columns.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import { ENTITY_TYPES as T } from "../dataverse/entity-types.ts";
import type { ScriptedAgent } from "./call-script.ts";
import type { Presence } from "./call-step.ts";
import { wholeSecond } from "./call-truth.ts";
import { upsertPresence, upsertUser } from "./master-rows.ts";
import { STATUS_EVENT, STATUS_SUB_EVENT } from "./row-codes.ts";
import { isGoingOn, type Stint } from "./stint.ts";

/** What an agent can carry, and what a conversation takes of it: a call all, so that the agent is busy; a chat less. */
const CAPACITY = 100;
const UNITS = { voice: 100, chat: 30 } as const;

/** A presence with its row. */
interface ShownPresence {
  readonly base: Presence;
  readonly id: string;
}

/** An agent's place in the contact centre: one status, whatever conversations there are. */
interface Desk {
  readonly userId: string;
  readonly statusId: string;
  historyId: string;
  presence: ShownPresence;
  isLoggedIn: boolean;
  /** What the agent chose; null = as Dynamics sees fit. */
  chosen: ShownPresence | null;
  /** What takes capacity: what was accepted and is not done with, and what is offered. */
  readonly work: Set<Stint>;
  readonly offers: Set<Stint>;
  /** Calls only. */
  readonly stints: Stint[];
}

type StatusEvent = { event: number; subEvent?: number };

/**
 * The agents' statuses and their history: presence and capacity follow the agents' work. What changes a presence tells
 * whether a person would now say that the agent is through with calls: see {@link AgentDesks.setPresence}.
 */
export class AgentDesks {
  readonly #store: DataverseStore;
  readonly #newId: () => string;
  readonly #desks = new Map<string, Desk>();

  constructor(store: DataverseStore, newId: () => string) {
    this.#store = store;
    this.#newId = newId;
  }

  /** The agent's systemuser; who is seen for the first time has just signed in and is available. Bots have no desk. */
  seat(agent: ScriptedAgent, at: EpochMs): string {
    const userId = upsertUser(this.#store, agent);
    if (agent.bot === true || this.#desks.has(userId)) return userId;
    const presence = this.#presence("available");
    const row = {
      msdyn_agentid: userId,
      msdyn_currentpresenceid: presence.id,
      msdyn_isagentloggedin: true,
      msdyn_availableunitscapacity: CAPACITY,
      msdyn_presencemodifiedon: at,
      msdyn_presencemodifiedonwithmilliseconds: new Date(at).toISOString(),
      msdyn_presencemodifiedby: "SYSTEM",
      msdyn_eventname: STATUS_EVENT.login,
      statecode: 0,
      statuscode: 1,
    };
    const statusId = this.#store.insert(T.agentStatuses, { msdyn_agentstatusid: this.#newId(), ...row });
    const desk: Desk = {
      userId,
      statusId,
      historyId: "",
      presence,
      isLoggedIn: true,
      chosen: null,
      work: new Set(),
      offers: new Set(),
      stints: [],
    };
    desk.historyId = this.#beginHistory(desk, at);
    this.#desks.set(userId, desk);
    return userId;
  }

  isLoggedIn(userId: string): boolean {
    return this.#desks.get(userId)?.isLoggedIn ?? false;
  }

  /** Capacity is kept for what is offered; the presence stays. */
  offered(stint: Stint, at: EpochMs): void {
    const desk = this.#desks.get(stint.userId);
    if (desk === undefined) return;
    if (stint.conversation.isVoice) desk.stints.push(stint);
    this.#write(desk, at, { event: STATUS_EVENT.assignmentAttempted }, () => {
      desk.offers.add(stint);
    });
  }

  /** An offer that came to nothing. */
  withdrawn(stint: Stint, how: "missed" | "rejected" | "over", at: EpochMs): void {
    const why: Record<typeof how, StatusEvent> = {
      missed: { event: STATUS_EVENT.missed, subEvent: STATUS_SUB_EVENT.timeout },
      rejected: { event: STATUS_EVENT.rejected, subEvent: STATUS_SUB_EVENT.reject },
      over: { event: STATUS_EVENT.sessionClosed },
    };
    const desk = this.#desks.get(stint.userId);
    if (desk?.offers.has(stint) === true) this.#write(desk, at, why[how], () => desk.offers.delete(stint));
  }

  /** The agent has work now: busy with a call, not with a chat. */
  accepted(stint: Stint, at: EpochMs, isOutbound = false): void {
    const desk = this.#desks.get(stint.userId);
    if (desk === undefined) return;
    if (stint.conversation.isVoice && !desk.stints.includes(stint)) desk.stints.push(stint);
    const subEvent = isOutbound ? STATUS_SUB_EVENT.outbound : STATUS_SUB_EVENT.accept;
    this.#write(desk, at, { event: STATUS_EVENT.sessionAssigned, subEvent }, () => {
      desk.offers.delete(stint);
      desk.work.add(stint);
    });
  }

  /** The work is done. Returns whether the agent is through with calls by that: {@link setPresence}. */
  released(stint: Stint, how: "ended" | "transferred", at: EpochMs): boolean {
    const desk = this.#desks.get(stint.userId);
    if (desk?.work.has(stint) !== true) return false;
    const subEvent = how === "ended" ? STATUS_SUB_EVENT.endConversation : STATUS_SUB_EVENT.transferred;
    return this.#write(desk, at, { event: STATUS_EVENT.sessionClosed, subEvent }, () =>
      desk.work.delete(stint),
    );
  }

  /**
   * Shows a presence until the agent's work changes it.
   *
   * @returns whether the agent is through with calls by that. Now available, with no call offered or going on; or away
   *   or offline with nothing but a wrap-up going on. And only if there was a call that is not closed yet.
   */
  setPresence(userId: string, base: Presence, at: EpochMs, by: "agent" | "system", called?: string): boolean {
    const desk = this.#desk(userId);
    const presence = this.#presence(base, called);
    return this.#write(
      desk,
      at,
      { event: STATUS_EVENT.setPresence },
      () => {
        desk.chosen = base === "available" ? null : presence;
      },
      { presence, by },
    );
  }

  /** Returns whether there was a call that this ends: a logout does so whatever goes on. */
  logOut(userId: string, at: EpochMs): boolean {
    const desk = this.#desk(userId);
    const hadCalls = desk.isLoggedIn && hasCallsThatGoOn(desk, at);
    this.#write(desk, at, { event: STATUS_EVENT.logout }, () => {
      desk.isLoggedIn = false;
      desk.chosen = null;
      desk.work.clear();
      desk.offers.clear();
    });
    return hadCalls;
  }

  /** Returns whether the agent is through with calls by that: {@link setPresence}. */
  logIn(userId: string, at: EpochMs): boolean {
    const desk = this.#desk(userId);
    return this.#write(desk, at, { event: STATUS_EVENT.login }, () => {
      desk.isLoggedIn = true;
    });
  }

  #desk(userId: string): Desk {
    const desk = this.#desks.get(userId);
    if (desk === undefined) throw new TypeError(`user ${userId} has no desk: a bot has no presence`);
    return desk;
  }

  /** A write of the status row, and of a new row of history when presence, capacity or login changed. */
  #write(
    desk: Desk,
    at: EpochMs,
    why: StatusEvent,
    change: () => void,
    set?: { presence: ShownPresence; by: "agent" | "system" },
  ): boolean {
    const before = { presence: desk.presence, capacity: capacityOf(desk), isLoggedIn: desk.isLoggedIn };
    const workBefore = desk.work.size;
    change();
    if (set !== undefined) desk.presence = set.presence;
    else if (desk.work.size !== workBefore || desk.isLoggedIn !== before.isLoggedIn) {
      desk.presence = this.#fittingPresence(desk);
    }
    const isNewPresence = desk.presence.id !== before.presence.id;
    const values: Record<string, Cell> = {
      msdyn_eventname: why.event,
      msdyn_subeventname: why.subEvent ?? null,
      msdyn_availableunitscapacity: capacityOf(desk),
      msdyn_assignedconversationcount: desk.work.size,
      msdyn_isagentloggedin: desk.isLoggedIn,
    };
    if (isNewPresence) {
      values["msdyn_currentpresenceid"] = desk.presence.id;
      values["msdyn_presencemodifiedon"] = at;
      values["msdyn_presencemodifiedonwithmilliseconds"] = new Date(at).toISOString();
      values["msdyn_presencemodifiedby"] = set?.by === "agent" ? "AGENT" : "SYSTEM";
    }
    this.#store.update(T.agentStatuses, desk.statusId, values);
    if (isNewPresence || capacityOf(desk) !== before.capacity || desk.isLoggedIn !== before.isLoggedIn) {
      this.#store.update(T.agentStatusHistory, desk.historyId, { msdyn_endtime: at });
      desk.historyId = this.#beginHistory(desk, at);
    }
    return desk.presence.base !== before.presence.base && isThroughWithCalls(desk, at);
  }

  #fittingPresence(desk: Desk): ShownPresence {
    if (!desk.isLoggedIn) return this.#presence("offline");
    return desk.chosen ?? this.#presence(unitsOf(desk.work) >= CAPACITY ? "busy" : "available");
  }

  #beginHistory(desk: Desk, at: EpochMs): string {
    return this.#store.insert(T.agentStatusHistory, {
      msdyn_agentstatushistoryid: this.#newId(),
      msdyn_agentid: desk.userId,
      msdyn_presenceid: desk.presence.id,
      msdyn_starttime: at,
      msdyn_availablecapacity: capacityOf(desk),
      msdyn_isagentloggedin: desk.isLoggedIn,
      statecode: 0,
      statuscode: 1,
    });
  }

  #presence(base: Presence, called?: string): ShownPresence {
    return { base, id: upsertPresence(this.#store, base, called) };
  }
}

function unitsOf(stints: Iterable<Stint>): number {
  return [...stints].reduce(
    (sum, { conversation }) => sum + UNITS[conversation.isVoice ? "voice" : "chat"],
    0,
  );
}

function capacityOf(desk: Desk): number {
  return Math.max(CAPACITY - unitsOf(desk.work) - unitsOf(desk.offers), 0);
}

function isThroughWithCalls(desk: Desk, at: EpochMs): boolean {
  const goingOn = desk.stints.filter(isGoingOn);
  switch (desk.presence.base) {
    case "available":
      return goingOn.length === 0 && hasCallsThatGoOn(desk, at);
    case "away":
    case "offline":
      return (
        goingOn.every((stint) => stint.wrapUpAt !== null) &&
        desk.stints.some((stint) => stint.wrapUpAt !== null && stint.conversation.closedAt === null)
      );
    case "busy":
    case "busy-dnd":
      return false;
  }
}

/** Calls that the agent was offered before and that are not closed, perhaps with others in them by now. */
function hasCallsThatGoOn(desk: Desk, at: EpochMs): boolean {
  return desk.stints.some(
    (stint) => wholeSecond(stint.offeredAt) < wholeSecond(at) && stint.conversation.closedAt === null,
  );
}
