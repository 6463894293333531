import { setTimeout as sleep } from "node:timers/promises";
import { loadConfig } from "#shared/runtime/config.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { AgentDirectory } from "../../apps/recorder/agents/agent-directory.ts";
import { type CallBuffer, openCallBuffer } from "../../apps/recorder/call-buffer/call-buffer.ts";
import type { CaptureControl, CaptureOrder } from "../../apps/recorder/capture/ports.ts";
import type { EvidenceSubject } from "../../apps/recorder/control/evidence.ts";
import { RecordingControl } from "../../apps/recorder/control/recording-control.ts";
import { PARTICIPANT_MODES } from "../../apps/recorder/domain/dynamics/mapping-settings.ts";
import { cutToSecond } from "../../apps/recorder/domain/dynamics/whole-seconds.ts";
import { judgeOffers, type Offer } from "../../apps/recorder/domain/offer-evidence.ts";
import { DynamicsSync } from "../../apps/recorder/dynamics/dynamics-sync.ts";
import { mappingSettings } from "../../apps/recorder/dynamics/mapping-config.ts";
import { memoryFolder } from "../../build/test/memory-folder.ts";
import { Agenda } from "./agenda.ts";
import { DYNAMICS_DEFAULTS, type RecordedDay, type TimedPost } from "./recorded-day.ts";
import { VisibleRows } from "./visible-rows.ts";

/** How a post fares: when its copies arrive after what it tells of; none = it is lost. */
export type PostFate = readonly DurationMs[];

export interface VirtualRun {
  /** Of the posts in their order; begins anew when there are more posts. Empty: each arrives once and at once. */
  fates: readonly PostFate[];
  reconcileMs: DurationMs;
  /** When the first pass is, after the day's start. */
  firstPassMs: DurationMs;
}

/** A leg of an agent's in the end. */
export interface FinalLeg {
  agent: string;
  callSessionId: string;
  phase: "provisional" | "kept" | "sealed" | "discarded";
  /** `type second`, of all its events. */
  timeline: readonly string[];
  /** When its capture ended, infinite while it goes on; null: it had none. */
  captureEndedAt: EpochMs | null;
}

export interface VirtualOutcome {
  /** `agent session type second`, of every event that was mapped, whatever came of it. */
  events: readonly string[];
  legs: readonly FinalLeg[];
  /** The agents and call sessions in the ledger. */
  ledger: readonly { agent: string; callSessionId: string | null }[];
}

/** What belongs together is read this long after the post that says so. */
const REFRESH_AFTER_MS: DurationMs = 1_000;
/** Everything is over and told this long after the last write: posts, passes, and what those need twice. */
const AFTERMATH_PASSES = 4;
const LONGEST_QUIET_MS: DurationMs = 5_000;

const { signal } = new AbortController();

/**
 * The recorder's left half on a time of its own: real catalogue, mapping, lifecycle and look-ups, shown a recorded day
 * by posts that fare as told and by passes over the rows as they are then.
 */
export async function runVirtually(day: RecordedDay, run: VirtualRun): Promise<VirtualOutcome> {
  await using recorder = await VirtualRecorder.open(day);
  return await recorder.run(run);
}

class VirtualRecorder implements AsyncDisposable {
  readonly #day: RecordedDay;
  readonly #agenda: Agenda;
  readonly #source: VisibleRows;
  readonly #buffer: CallBuffer;
  readonly #control: RecordingControl;
  readonly #sync: DynamicsSync;
  readonly #names: AgentDirectory;
  readonly #owned: AsyncDisposableStack;
  readonly #captureEnds = new Map<string, EpochMs>();
  readonly #events = new Set<string>();
  readonly #wanted = { agents: new Set<string>(), conversations: new Set<string>(), isPlanned: false };

  static async open(day: RecordedDay): Promise<VirtualRecorder> {
    await using opening = new AsyncDisposableStack();
    const { path: folder } = opening.use(await memoryFolder());
    const buffer = opening.use(await openCallBuffer(folder));
    return new VirtualRecorder(day, folder, buffer, opening.move());
  }

  private constructor(day: RecordedDay, folder: string, buffer: CallBuffer, owned: AsyncDisposableStack) {
    const agenda = new Agenda(day.startAt);
    const source = new VisibleRows(day.writes, () => agenda.now());
    const log = silentLog();
    this.#day = day;
    this.#agenda = agenda;
    this.#source = source;
    this.#buffer = buffer;
    this.#names = owned.use(new AgentDirectory({ buffer, clock: agenda, log }));
    const { lifecycle, policy } = loadConfig(undefined, {}, folder).recorder;
    this.#control = owned.use(
      new RecordingControl({
        buffer,
        capture: this.#capture(),
        clock: agenda,
        log,
        lifecycle,
        policy,
        lookUpEvidence: async (subject) => this.#lookUp(subject),
      }),
    );
    const settings = mappingSettings(DYNAMICS_DEFAULTS.mapping);
    const control = { takeEvents: this.#takeEvents.bind(this) };
    this.#sync = new DynamicsSync({
      ...{ buffer, control, source, names: this.#names, settings, clock: agenda, log },
      onFault: () => {
        throw new Error("something could not be mapped");
      },
    });
    this.#owned = owned;
  }

  async run({ fates, reconcileMs, firstPassMs }: VirtualRun): Promise<VirtualOutcome> {
    for (const [index, post] of this.#day.posts.entries()) {
      const arrivals = fates.length === 0 ? [0] : (fates[index % fates.length] ?? []);
      for (const delayMs of arrivals) this.#agenda.add(post.at + delayMs, () => this.#receive(post));
    }
    const latest = Math.max(0, ...fates.flat());
    const lastPassAt = this.#day.endAt + latest + AFTERMATH_PASSES * reconcileMs;
    for (let at = this.#day.startAt + firstPassMs; at <= lastPassAt; at += reconcileMs) {
      this.#agenda.add(at, () => this.#sync.reconcile(signal));
    }
    this.#control.resume();
    await this.#agenda.run(() => this.#settle());
    return { events: [...this.#events].sort(), legs: this.#legs(), ledger: this.#ledger() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }

  async #receive({ body }: TimedPost): Promise<void> {
    const post = { receivedAt: this.#agenda.now(), headers: {}, body };
    const id = await this.#buffer.commit(() => this.#buffer.posts.add(post));
    const outcome = await this.#sync.takePost({ id, ...post }, signal);
    if (outcome.state === "refused") throw new Error(`a post was refused: ${outcome.reason}`);
    this.#want(outcome);
  }

  #want({ agents, conversations }: { agents: readonly string[]; conversations: readonly string[] }): void {
    for (const id of agents) this.#wanted.agents.add(id);
    for (const id of conversations) this.#wanted.conversations.add(id);
    if (this.#wanted.isPlanned || this.#wanted.agents.size + this.#wanted.conversations.size === 0) return;
    this.#wanted.isPlanned = true;
    this.#agenda.add(this.#agenda.now() + REFRESH_AFTER_MS, () => this.#refresh());
  }

  async #refresh(): Promise<void> {
    const agents = [...this.#wanted.agents];
    const conversations = [...this.#wanted.conversations];
    this.#wanted.agents.clear();
    this.#wanted.conversations.clear();
    this.#wanted.isPlanned = false;
    const early = await this.#sync.refreshAgents(agents, signal);
    this.#want({
      agents: early,
      conversations: await this.#sync.refreshConversations(conversations, signal),
    });
  }

  /** The control's, with a look at what it takes. */
  #takeEvents(...[collect, receivedAt]: Parameters<RecordingControl["takeEvents"]>) {
    return this.#control.takeEvents(() => {
      const received = collect();
      for (const { event } of received) {
        const { agent, callSessionId, type, at } = event;
        const call = callSessionId === undefined ? "all" : callSessionId.slice(-4);
        this.#events.add(`${this.#upn(agent)} ${call} ${type} ${(at - this.#day.startAt) / 1_000}`);
      }
      return received;
    }, receivedAt);
  }

  /** Timers run on real time: what is due on ours is waited for. */
  async #settle(): Promise<void> {
    const untilMs = performance.now() + LONGEST_QUIET_MS;
    while (this.#isSomethingDue()) {
      if (performance.now() > untilMs) throw new Error(`what is due is not done: ${this.#describeDue()}`);
      await this.#control.takeEvents(() => [], this.#agenda.now());
      await sleep(5);
    }
  }

  #isSomethingDue(): boolean {
    const { legs } = this.#buffer;
    const now = this.#agenda.now();
    const [ask] = legs.soonestAsks(1);
    if (ask !== undefined && ask.at <= now) return true;
    if ((legs.nextGuardAt() ?? Number.POSITIVE_INFINITY) <= now) return true;
    const wanted = new Set(
      legs.open().flatMap(({ recordingId, captureOrdered }) => (captureOrdered ? [recordingId] : [])),
    );
    const running = [...this.#captureEnds].flatMap(([id, endedAt]) => (Number.isFinite(endedAt) ? [] : [id]));
    return wanted.size !== running.length || running.some((id) => !wanted.has(id));
  }

  #describeDue(): string {
    const { legs } = this.#buffer;
    return JSON.stringify({
      now: this.#agenda.now(),
      asks: legs.soonestAsks(4),
      guardAt: legs.nextGuardAt(),
      open: legs.open(),
      captureEnds: [...this.#captureEnds],
    });
  }

  #capture(): CaptureControl {
    return {
      start: ({ recordingId }: CaptureOrder) =>
        void this.#captureEnds.set(recordingId, Number.POSITIVE_INFINITY),
      end: async (recordingId: string) => {
        // Ending is repeated before files are erased.
        if (this.#captureEnds.get(recordingId) === Number.POSITIVE_INFINITY) {
          this.#captureEnds.set(recordingId, this.#agenda.now());
        }
      },
    };
  }

  #lookUp({ agent, callSessionId, startedAt, endedAt }: EvidenceSubject) {
    const sessions = this.#source
      .rows("session")
      .filter((row) => row["msdyn_liveworkitemid"] === callSessionId);
    const isOver = this.#source
      .rows("conversation")
      .some((row) => row["activityid"] === callSessionId && row["statecode"] === 1);
    const offers = this.#source.rows("participant").flatMap((row): Offer[] => {
      const session = sessions.find(({ activityid }) => activityid === row["msdyn_omnichannelsession"]);
      const mode = PARTICIPANT_MODES[Number(row["msdyn_mode"])];
      if (session === undefined || (mode !== "primary" && mode !== "consult")) return [];
      const user = this.#source
        .rows("user")
        .find(({ systemuserid }) => systemuserid === row["msdyn_agentid"]);
      if (this.#names.resolve(String(user?.["domainname"]), "dynamics") !== agent) return [];
      return [
        {
          offeredAt: Number(row["createdon"]),
          joinedAt: row["msdyn_joinedon"] as EpochMs | null,
          leftAt: row["msdyn_lefton"] as EpochMs | null,
          isClosed: isOver || session["msdyn_sessionclosedon"] !== null,
        },
      ];
    });
    return judgeOffers(offers, {
      startedAt: cutToSecond(startedAt),
      endedAt: endedAt === null ? null : cutToSecond(endedAt),
    });
  }

  #legs(): FinalLeg[] {
    const { items } = this.#buffer.recordings.list({}, 10_000, null);
    return items.map(({ id, agent, callSessionId, phase, events }) => ({
      agent: this.#upn(agent),
      callSessionId,
      phase,
      timeline: events.map(({ type, at }) => `${type} ${(Date.parse(at) - this.#day.startAt) / 1_000}`),
      captureEndedAt: this.#captureEnds.get(id) ?? null,
    }));
  }

  #ledger(): VirtualOutcome["ledger"] {
    return this.#buffer.ledger
      .list({}, 10_000, null)
      .items.map(({ agent, callSessionId }) => ({ agent: this.#upn(agent), callSessionId }));
  }

  /** The name by which the truth knows the agent. */
  #upn(agent: string): string {
    return this.#names.namesOf(agent).find((name) => name.includes("@")) ?? agent;
  }
}
