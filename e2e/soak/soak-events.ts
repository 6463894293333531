import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "#shared/runtime/log.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { expectedEvents, expectedPairs } from "../dynamics/script/call-truth.ts";
import { dayFrom } from "../dynamics/script/random/random-day.ts";
import { sleepUntil } from "../dynamics/script/sleep-until.ts";
import { type DynamicsSimulator, startDynamics } from "../dynamics/simulator.ts";
import { type ChaosOptions, planChaos } from "./chaos-plan.ts";
import { judge, type Judgement, type RecorderRecord, type Truth } from "./judge.ts";
import { LagWatch } from "./lag-watch.ts";
import { countRecordings, readCatalogue, readLists, type StoredPosts } from "./read-recorder.ts";
import { RECONCILE_S, SoakedRecorder } from "./soaked-recorder.ts";

const BEGINS_AFTER_MS: DurationMs = 2_000;
const TELL_EVERY_MS: DurationMs = 5_000;
/** What was lost is read by a pass, and judged by the next once it is old enough. */
const QUIET_MS: DurationMs = 3 * RECONCILE_S * 1_000 + 4_000;
/** Then everything has ended and is decided; what has not by then never will. */
const SETTLED_WITHIN_MS: DurationMs = 60_000;

/** What the simulator's webhooks did. */
interface WebhookFigures {
  readonly posts: number;
  readonly delivered: number;
  readonly lost: number;
  /** The recorder was away. */
  readonly failed: number;
  readonly duplicates: number;
  readonly cut: number;
}

export interface SoakResult {
  readonly options: ChaosOptions;
  readonly startedAt: EpochMs;
  readonly tookMs: DurationMs;
  readonly voiceCalls: number;
  readonly chats: number;
  readonly judgement: Judgement;
  readonly webhooks: WebhookFigures;
  readonly posts: StoredPosts;
  readonly requests: { readonly answered: number; readonly spoiled: number };
  readonly recorder: {
    readonly kills: number;
    readonly unwantedEnds: readonly string[];
    readonly errors: number;
    readonly firstErrors: readonly string[];
    readonly residentBytes: number | null;
  };
  /**
   * How late this process was at worst. Rows are dated by the script and changes of rows by the clock, so beyond a second
   * or two the simulator contradicts itself, and what is wrong may be its fault.
   */
  readonly worstLagMs: DurationMs;
  /** What is wrong; empty = the soak has passed. */
  readonly faults: readonly string[];
  readonly truth: Truth;
  readonly record: RecorderRecord;
}

/**
 * Plays random calls through a simulator that misbehaves into a recorder process that is killed again and again, then
 * compares the recorder's ledger with the simulator's own record.
 *
 * @param say - told how it goes, line by line.
 */
export async function soakEvents(
  options: ChaosOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<SoakResult> {
  const plan = planChaos(options);
  const clock = new WallClock();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-soak-"));
  await using parts = new AsyncDisposableStack();
  let isToBeRead = false;
  parts.defer(async () => {
    if (!isToBeRead) await rm(folder, { recursive: true, force: true });
  });
  const dynamics = parts.use(await startDynamics({ log: silentLog(), newId: plan.newId }));
  const recorder = parts.use(await SoakedRecorder.start(folder, dynamics, signal));
  dynamics.faults.set(plan.faults);
  const lag = parts.use(new LagWatch());

  const startedAt = Math.ceil((clock.now() + BEGINS_AFTER_MS) / 1_000) * 1_000;
  const calls = await Promise.all(
    dayFrom(plan.day, startedAt).map(({ script, startAt }) => dynamics.placeCall(script, { startAt })),
  );
  const seconds = Math.round(plan.durationMs / 1_000);
  say(
    `${calls.length} calls in ${seconds} s, ${plan.killsAtMs.length} kills; the recorder logs to ${recorder.logFile}`,
  );
  const finished = { calls: 0 };
  for (const call of calls)
    void call.finished.then(
      () => (finished.calls += 1),
      () => undefined,
    );
  const tell = () => {
    const { posts, lost, failed } = webhookFigures(dynamics);
    say(
      `${finished.calls} of ${calls.length} calls done, ${recorder.kills} kills, ${posts} posts: ${lost} lost, ${failed} failed`,
    );
  };
  {
    await using telling = new AsyncDisposableStack();
    const timer = setInterval(tell, TELL_EVERY_MS);
    telling.defer(() => clearInterval(timer));
    for (const atMs of plan.killsAtMs) {
      await sleepUntil(clock, startedAt + atMs, signal);
      await recorder.kill();
    }
    await Promise.all(calls.map((call) => call.finished));
    await dynamics.webhooks.idle();
  }
  tell();
  dynamics.faults.clear();
  await recorder.ready();
  say("the calls are over and the faults are off; waiting until the recorder has settled everything");
  await settle(recorder, clock, signal);

  const truth = { pairs: expectedPairs(dynamics.truths), events: expectedEvents(dynamics.truths) };
  const nameOf = agentNamer(dynamics);
  const lists = await readLists(recorder.url, await recorder.token("admin"), nameOf);
  const residentBytes = await recorder.residentBytes();
  await recorder[Symbol.asyncDispose]();
  const { events, posts } = readCatalogue(folder, nameOf);
  const record = { ...lists, events };
  const judgement = judge(truth, record);
  const webhooks = webhookFigures(dynamics);
  const requests = dynamics.requests.all().filter(({ url }) => url.startsWith("/api/data/"));
  const result: Omit<SoakResult, "faults"> = {
    options,
    startedAt,
    tookMs: Math.round(clock.now() - startedAt),
    voiceCalls: plan.day.filter(({ script }) => script.channel === "voice").length,
    chats: plan.day.filter(({ script }) => script.channel === "chat").length,
    judgement,
    webhooks,
    posts,
    requests: { answered: requests.length, spoiled: requests.filter(({ status }) => status >= 400).length },
    recorder: {
      kills: recorder.kills,
      unwantedEnds: recorder.unwantedEnds.map(
        ({ at, code, tail }) => `${new Date(at).toISOString()} ${code}: ${tail}`,
      ),
      errors: recorder.errorCount,
      firstErrors: recorder.errors,
      residentBytes,
    },
    worstLagMs: Math.round(lag.worstMs),
    truth,
    record,
  };
  const faults = faultsOf(result);
  isToBeRead = faults.length > 0;
  if (isToBeRead) say(`the recorder's log and catalogue are left in ${folder}`);
  return { ...result, faults };
}

/** Waits until passes have seen and judged all, no post waits, and no recording is open; what never comes is judged. */
async function settle(recorder: SoakedRecorder, clock: WallClock, signal: AbortSignal): Promise<void> {
  const quietAt = clock.now() + QUIET_MS;
  const token = await recorder.token("admin");
  const isSettled = async () => {
    const age = await recorder.gauge("deskreel_dynamics_last_pass_age_seconds");
    const hasPassed = age !== null && clock.now() - age * 1_000 >= quietAt;
    if (!hasPassed || (await recorder.gauge("deskreel_dynamics_webhook_posts_waiting")) !== 0) return false;
    return (await countRecordings(recorder.url, token, ["provisional", "kept"])) === 0;
  };
  const until = clock.now() + SETTLED_WITHIN_MS;
  while (clock.now() < until) {
    if (await isSettled()) return;
    await sleep(500, undefined, { signal });
  }
}

/** Everything that must not be, as lines. */
function faultsOf({ judgement, posts, webhooks, recorder }: Omit<SoakResult, "faults">): string[] {
  const { pairs } = judgement;
  const stored = posts.mapped + posts.refused + posts.waiting;
  return [
    ...judgement.faults.map(
      ({ kind, agent, callSessionId, detail }) => `${kind}: ${agent} ${callSessionId}: ${detail}`,
    ),
    pairs.answered === 0 || pairs.unanswered === 0 ? ["too few calls to judge anything"] : [],
    posts.waiting > 0 ? [`${posts.waiting} webhook posts wait for ever`] : [],
    posts.refused > 0 ? [`${posts.refused} webhook posts were refused: ${posts.reasons.join("; ")}`] : [],
    stored < webhooks.delivered
      ? [`${webhooks.delivered} posts were answered with 200, ${stored} are stored`]
      : [],
    recorder.unwantedEnds.map((end) => `the recorder ended by itself: ${end}`),
    recorder.errors > 0
      ? [`the recorder logged ${recorder.errors} errors, first: ${recorder.firstErrors[0]}`]
      : [],
  ].flat();
}

function webhookFigures(dynamics: DynamicsSimulator): WebhookFigures {
  const posts = dynamics.webhooks.posts();
  const count = (is: (post: (typeof posts)[number]) => boolean) => posts.filter(is).length;
  return {
    posts: posts.length,
    delivered: count(({ outcome }) => outcome === "delivered"),
    lost: count(({ outcome }) => outcome === "lost"),
    failed: count(({ outcome }) => outcome === "failed"),
    duplicates: count(({ isDuplicate }) => isDuplicate),
    cut: count(({ isSizeExceeded }) => isSizeExceeded),
  };
}

/** The recorder goes by Entra object ids, the simulator's record by UPNs. */
function agentNamer(dynamics: DynamicsSimulator): (agent: string) => string {
  const users = dynamics.tables.rows("systemusers");
  const names = new Map(
    users.map((user) => [
      String(user["azureactivedirectoryobjectid"]).toLowerCase(),
      String(user["domainname"]),
    ]),
  );
  return (agent) => names.get(agent) ?? agent;
}
