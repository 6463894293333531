import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import { scriptCall } from "../../rig/events.ts";
import { KilledRecorder } from "./killed-recorder.ts";
import { planKills } from "./kill-plan.ts";
import { MediaJudge, type MediaJudgement } from "./media-judge.ts";
import { RtpDesktop } from "./rtp-desktop.ts";

export interface MediaSoakOptions {
  readonly seed: number;
  readonly kills: number;
  /** Streams of the one desktop. */
  readonly displays: number;
}

export interface MediaSoakResult extends MediaJudgement {
  readonly options: MediaSoakOptions;
  readonly startedAt: EpochMs;
  readonly tookMs: DurationMs;
  /** Kills, and how many of them came while the recorder started. */
  readonly kills: { readonly all: number; readonly early: number };
  readonly recovery: KilledRecorder["recovery"];
}

const AGENT = "soak@contoso.com";
const FIRST_FRAME_WITHIN_MS: DurationMs = 30_000;
const LAST_STRETCH_MS: DurationMs = 4_000;

/**
 * Records real RTP with a recorder process that is killed again and again, and compares after each restart what is in its
 * files with what it had been given.
 *
 * @param say - told how it goes, line by line.
 */
export async function soakMedia(
  options: MediaSoakOptions,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<MediaSoakResult> {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), "deskreel-soak-scn-"));
  let isToBeRead = true;
  await using parts = new AsyncDisposableStack();
  parts.defer(async () => {
    if (isToBeRead) say(`log, catalogue and segments are left in ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  });
  const displays = Array.from({ length: options.displays }, (_, index) => String(index + 1));
  const recorder = parts.use(await KilledRecorder.prepare(folder, (run, frame) => judge.note(run, frame)));
  const judge = new MediaJudge(recorder, displays);
  say(`the recorder logs to ${recorder.logFile}`);
  await recorder.start();
  await recorder.ready(signal);
  const tokens = { integration: await recorder.token("integration"), admin: await recorder.token("admin") };
  const call = scriptCall({ recorderUrl: recorder.url, tokens }, AGENT);
  await call.say("ringing");
  await call.say("connected");
  const { id: recordingId } = await call.recording();
  const url = recorder.url.replace(/^http/, "ws");
  parts.use(new RtpDesktop({ url, agent: AGENT, token: () => recorder.token("enrollment"), displays }));
  await judge.framesOf(recorder.run, FIRST_FRAME_WITHIN_MS, signal);

  const plan = planKills(options);
  for (const [index, { from, afterMs }] of plan.entries()) {
    if (from === "ready") {
      await recorder.ready(signal);
      await judge.judge(recordingId, tokens.admin);
    }
    await sleep(afterMs, undefined, { signal });
    judge.noteKill(recorder.run, await recorder.kill());
    await recorder.start();
    if ((index + 1) % 10 === 0 || index + 1 === plan.length) say(judge.describe());
  }
  await recorder.ready(signal);
  await judge.judge(recordingId, tokens.admin);
  await judge.framesOf(recorder.run, FIRST_FRAME_WITHIN_MS, signal);
  await sleep(LAST_STRETCH_MS, undefined, { signal });
  await call.say("agent-available");
  await call.recording(({ phase }) => phase === "sealed");
  await judge.judge(recordingId, tokens.admin);
  judge.noteEnd(recorder.run);
  say("the call is over; the last segments are decoded");
  const judgement = await judge.conclude();
  const faults = [
    ...judgement.faults,
    ...recorder.errors.map((line) => `the recorder logged an error: ${line}`),
    ...(recorder.recovery.damaged + recorder.recovery.lost + recorder.recovery.failed > 0
      ? [`a kill damages nothing, but of the files ${JSON.stringify(recorder.recovery)}`]
      : []),
  ];
  isToBeRead = faults.length > 0;
  return {
    options,
    startedAt,
    tookMs: Date.now() - startedAt,
    kills: { all: plan.length, early: plan.filter(({ from }) => from === "start").length },
    ...judgement,
    recovery: recorder.recovery,
    faults,
  };
}
