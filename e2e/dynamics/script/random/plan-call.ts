import { type CallScript, type CallScriptInput, parseCallScript } from "../call-script.ts";
import type { CallPlan, Deed, Offers } from "./call-plan.ts";
import type { DayAgents, Second } from "./day-agents.ts";

type StepInput = CallScriptInput["steps"][number];
/** A step without its time. */
type Done = StepInput extends infer Step ? (Step extends StepInput ? Omit<Step, "atMs"> : never) : never;

/** How long a busy agent's browser, or a logged-out agent, stays away; seconds. */
const AWAY_S = 5;

/**
 * Gives a plan its agents and times, so that every step can happen and every agent has one thing to do at a time, but
 * for what a second call in a wrap-up does.
 */
export function planCall(plan: CallPlan, beginsAt: Second, agents: DayAgents): CallScript {
  return new CallPlanner(plan, beginsAt, agents).script();
}

class CallPlanner {
  readonly #plan: CallPlan;
  readonly #agents: DayAgents;
  readonly #beginsAt: Second;
  readonly #steps: StepInput[] = [];
  /** The last second in which something happened to the call. */
  #now: Second;
  /** Who has the customer. */
  #active = "";
  /** Who ever took part. */
  readonly #everyone = new Set<string>();
  /** Who was consulted and stays on. */
  #guests: string[] = [];

  constructor(plan: CallPlan, beginsAt: Second, agents: DayAgents) {
    this.#plan = plan;
    this.#agents = agents;
    this.#beginsAt = beginsAt;
    this.#now = beginsAt;
  }

  script(): CallScript {
    const { channel, begins, wrapUpBlocks } = this.#plan;
    if (channel === "chat") this.#chat();
    else this.#call();
    return parseCallScript({
      channel,
      direction: channel === "voice" && begins === "outbound" ? "outbound" : "inbound",
      customer: channel === "voice" ? "+14255550100" : "Carla Customer",
      queue: "Billing",
      wrapUpBlocks,
      agents: this.#agents.scripted(),
      steps: this.#steps,
    });
  }

  /** Beside whatever the agent does. */
  #chat(): void {
    const { offers, endsAfterS, wrapUpS } = this.#plan;
    const agent = this.#agents.pickAny(offers.pick);
    this.#do(1, { do: "ring", agent }, [agent]);
    this.#do(offers.ringS, { do: "answer", agent }, [agent]);
    this.#do(endsAfterS, { do: "end", agent }, [agent]);
    this.#do(wrapUpS, { do: "finish", agent }, [agent]);
  }

  #call(): void {
    const { begins, offers, ends, deeds } = this.#plan;
    if (begins === "bot") {
      const { bot } = this.#agents;
      this.#do(0, { do: "join", agent: bot }, [bot]);
      this.#do(offers.ringS, { do: "transfer-to-queue", agent: bot }, [bot]);
    }
    if (ends === "customer-ringing" && begins !== "outbound") {
      this.#ringInVain();
      return;
    }
    this.#find(offers, begins === "auto-answer" || begins === "outbound");
    for (const deed of deeds) this.#deed(deed);
    this.#end();
  }

  #ringInVain(): void {
    const { offers, endsAfterS } = this.#plan;
    this.#refuse(offers);
    const agent = this.#waitForFree(offers.pick);
    this.#do(1, { do: "ring", agent }, [agent]);
    this.#agents.busyUntil(agent, this.#do(endsAfterS, { do: "customer-leaves" }, [agent]));
  }

  /** Until an agent has the customer. */
  #find(offers: Offers, withoutRing: boolean): void {
    if (!withoutRing) this.#refuse(offers);
    const agent = this.#waitForFree(offers.pick);
    if (withoutRing) this.#do(1, { do: "join", agent }, [agent]);
    else {
      this.#do(1, { do: "ring", agent }, [agent]);
      this.#do(offers.ringS, { do: "answer", agent }, [agent]);
    }
    this.#active = agent;
  }

  #refuse(offers: Offers): void {
    for (const { pick, ringS, how } of offers.refused) {
      const agent = this.#waitForFree(pick);
      this.#do(1, { do: "ring", agent }, [agent]);
      this.#agents.busyUntil(agent, this.#do(ringS, { do: how, agent }, [agent]));
    }
  }

  #waitForFree(pick: number): string {
    this.#now = Math.max(this.#now, this.#agents.firstFreeAt());
    const agent = this.#agents.pickFree(pick, this.#now);
    if (agent === undefined) throw new TypeError("the first who is free is not free");
    return agent;
  }

  #deed(deed: Deed): void {
    const agent = this.#active;
    switch (deed.kind) {
      case "hold":
        this.#do(deed.afterS, { do: "hold", agent }, [agent]);
        this.#do(deed.forS, { do: "resume", agent }, [agent, ...this.#guests]);
        return;
      case "presence":
        this.#do(deed.afterS, { do: "presence", agent, presence: deed.presence }, [agent]);
        if (deed.presence === "available") return;
        this.#do(deed.forS, { do: "presence", agent, presence: "available" }, [agent]);
        return;
      case "monitor":
        this.#monitor(deed.afterS, deed.forS);
        return;
      case "consult":
        this.#consult(deed);
        return;
      case "transfer-to-agent":
        this.#transferToAgent(deed);
        return;
      case "transfer-to-queue":
        this.#transferToQueue(deed);
        return;
    }
  }

  #monitor(afterS: number, forS: number): void {
    const { supervisor } = this.#agents;
    if (!this.#agents.isFree(supervisor, this.#now + afterS)) return;
    this.#do(afterS, { do: "join", agent: supervisor, as: "monitor" }, [supervisor]);
    this.#agents.busyUntil(supervisor, this.#do(forS, { do: "leave", agent: supervisor }, [supervisor]));
  }

  #consult(deed: Deed & { kind: "consult" }): void {
    const agent = this.#active;
    const to = this.#freeColleague(deed.pick, deed.afterS);
    if (to === undefined) return;
    const both = [agent, to];
    this.#do(deed.afterS, { do: "consult", agent, to, public: deed.isPublic }, [...both, ...this.#guests]);
    if (deed.refusal !== null) {
      this.#agents.busyUntil(to, this.#do(deed.ringS, { do: deed.refusal, agent: to }, both));
      if (!deed.isPublic) this.#do(1, { do: "resume", agent }, [agent, ...this.#guests]);
      return;
    }
    this.#guests.push(to);
    this.#do(deed.ringS, { do: "answer", agent: to }, [agent, ...this.#guests]);
    const isConference = deed.conferenceS !== null;
    if (!deed.isPublic && isConference) {
      this.#do(deed.talkS, { do: "resume", agent }, [agent, ...this.#guests]);
    }
    if (!deed.staysOn) {
      this.#do(deed.conferenceS ?? deed.talkS, { do: "leave", agent: to }, both);
      this.#agents.busyUntil(to, this.#now);
      this.#guests = this.#guests.filter((guest) => guest !== to);
    }
    if (!deed.isPublic && !isConference) this.#do(1, { do: "resume", agent }, [agent, ...this.#guests]);
  }

  #transferToAgent(deed: Deed & { kind: "transfer-to-agent" }): void {
    const agent = this.#active;
    const to = this.#freeColleague(deed.pick, deed.afterS);
    if (to === undefined) return;
    this.#do(deed.afterS, { do: "transfer-to-agent", agent, to }, [agent, to]);
    if (deed.refusal !== null) {
      this.#agents.busyUntil(to, this.#do(deed.ringS, { do: deed.refusal, agent: to }, [to]));
      return;
    }
    this.#do(deed.ringS, { do: "answer", agent: to }, [agent, to]);
    this.#active = to;
    const leftAt = this.#do(1, { do: "leave", agent }, [agent, to, ...this.#guests]);
    this.#wrapUpTransfer(agent, leftAt, deed.wrapUpS);
  }

  #transferToQueue(deed: Deed & { kind: "transfer-to-queue" }): void {
    const agent = this.#active;
    const leftAt = this.#do(deed.afterS, { do: "transfer-to-queue", agent }, [agent, ...this.#guests]);
    this.#wrapUpTransfer(agent, leftAt, deed.wrapUpS);
    this.#find(deed.offers, false);
  }

  /** Who passed the call on is busy until the wrap-up is over, where that blocks; the call goes on meanwhile. */
  #wrapUpTransfer(agent: string, leftAt: Second, wrapUpS: number): void {
    for (const key of [agent, ...this.#guests]) this.#agents.busyUntil(key, leftAt);
    this.#guests = [];
    if (!this.#plan.wrapUpBlocks) return;
    const finishedAt = this.#agents.take(leftAt + wrapUpS, [agent]);
    this.#write(finishedAt, { do: "finish", agent });
    this.#agents.busyUntil(agent, finishedAt);
  }

  /** Someone free who has no part in this call now. */
  #freeColleague(pick: number, afterS: number): string | undefined {
    for (let turn = 0; turn <= this.#guests.length + 1; turn += 1) {
      const key = this.#agents.pickFree(pick + turn, this.#now + afterS);
      if (key !== undefined && key !== this.#active && !this.#guests.includes(key)) return key;
    }
    return undefined;
  }

  #end(): void {
    const agent = this.#active;
    const all = [agent, ...this.#guests];
    const { ends, endsAfterS, wrapUpS } = this.#plan;
    if (ends === "log-out" || ends === "browser") {
      this.#do(endsAfterS, { do: ends === "browser" ? "close-browser" : "log-out", agent }, [agent]);
      const over = { do: ends === "browser" ? "force-close" : "customer-leaves" } as const;
      const overAt = this.#do(wrapUpS, over, all);
      if (ends === "log-out") this.#do(AWAY_S, { do: "log-in", agent }, [agent]);
      for (const key of this.#guests) this.#agents.busyUntil(key, overAt);
      this.#agents.busyUntil(agent, this.#now);
      return;
    }
    if (ends === "customer-held") this.#do(endsAfterS, { do: "hold", agent }, [agent]);
    const end: Done = ends === "agent" ? { do: "end", agent } : { do: "customer-leaves" };
    const endedAt = this.#do(endsAfterS, end, all);
    for (const key of this.#guests) this.#agents.busyUntil(key, endedAt);
    this.#wrapUp(agent, endedAt);
  }

  #wrapUp(agent: string, endedAt: Second): void {
    const { wrapUpS, wrapUpBlocks, away } = this.#plan;
    if (away === "in-wrap-up") this.#do(1, { do: "presence", agent, presence: "away" }, [agent]);
    this.#do(wrapUpS, { do: "finish", agent }, [agent]);
    if (away === "after") this.#do(1, { do: "presence", agent, presence: "away" }, [agent]);
    if (away !== "no") this.#do(AWAY_S, { do: "presence", agent, presence: "available" }, [agent]);
    // Nobody who is away is offered a call.
    this.#agents.busyUntil(agent, wrapUpBlocks || away !== "no" ? this.#now : endedAt);
  }

  /** Lets a step happen to these agents, so long after the one before. Returns when. */
  #do(afterS: number, done: Done, agents: readonly string[]): Second {
    for (const key of agents) this.#everyone.add(key);
    // A conversation's end is said of all who ever took part, who may have gone on to something else.
    this.#now = this.#agents.take(this.#now + afterS, mayClose(done) ? [...this.#everyone] : agents);
    this.#write(this.#now, done);
    return this.#now;
  }

  #write(at: Second, done: Done): void {
    this.#steps.push({ atMs: (at - this.#beginsAt) * 1_000, ...done });
  }
}

function mayClose({ do: what }: Done): boolean {
  return what === "finish" || what === "customer-leaves" || what === "force-close";
}
