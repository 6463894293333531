import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig } from "#shared/runtime/config.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { createLog } from "#shared/runtime/log.ts";
import { type DynamicsSimulator, startDynamics } from "../../e2e/dynamics/simulator.ts";
import { waitUntilIdle } from "../../e2e/rig/desktop-ready.ts";
import { startMonitor } from "../../e2e/rig/monitor.ts";
import { type Program, startProgram } from "../../e2e/rig/program.ts";
import { type Site, startSite } from "../../e2e/rig/site.ts";
import { bundleAll } from "../bundle.ts";
import { electronProgram } from "../electron-program.ts";
import { REPOSITORY } from "../repository.ts";
import { ONE_MACHINE_SCRIPT, oneMachineFolder } from "./places.ts";
import { say } from "./say.ts";

/** The whole product on this machine, running. */
export interface OneMachine
  extends AsyncDisposable,
    Pick<Site, "adapterUrl" | "archiveDir" | "recorderOpsUrl" | "tokens"> {
  /** Opens signed in. */
  readonly replayUrl: string;
  /** Rejects when a part ends that should run. */
  readonly died: Promise<never>;
  placeCall(): Promise<PlacedCall>;
}

/** A scripted call under way. */
export interface PlacedCall {
  interactionId: string;
  /** How many audio parts the script has. */
  audioParts: number;
  /** When the webhook of the call's close was posted, and when Dynamics had the last audio part; epoch ms. */
  finished: Promise<{ endedAt: number; audioAvailableAt: number }>;
}

const AGENT = "ann@contoso.com";
const DEVICE = "one-machine";

/** @param signal - aborts a start that is still under way. */
export async function startOneMachine(options: {
  realScreen: boolean;
  signal: AbortSignal;
}): Promise<OneMachine> {
  const config = loadConfig(undefined, process.env, REPOSITORY);
  const folder = oneMachineFolder(config);
  await mkdir(folder, { recursive: true });
  say("Deskreel on one machine");
  await bundleAll();
  await using parts = new AsyncDisposableStack();

  const screen = options.realScreen ? realScreen() : await ownScreen(parts);
  const dynamics = parts.use(await startDynamics({ log: createLog("dynamics", "warn") }));
  const site = parts.use(
    await startSite({
      folder,
      signal: options.signal,
      recorder: config.recorder,
      adapter: {
        ...config.adapter,
        // For a try nobody wants to wait: audio is looked for every second and taken as soon as it is there.
        stitch: { ...config.adapter.stitch, audioSettleS: 0 },
        placeCallUrl: dynamics.url,
      },
      dynamics: {
        url: dynamics.url,
        authority: dynamics.url,
        tenantId: dynamics.tenantId,
        clientId: dynamics.clientId,
        clientSecret: dynamics.clientSecret,
        events: "webhook",
        recordingsPollEveryS: 1,
      },
    }),
  );
  const adapter = await site.startAdapter();
  const desktop = parts.use(await startDesktop(site, screen.display));
  await waitUntilIdle(site, AGENT, DEVICE, options.signal);

  const replayUrl = `${site.adapterUrl}/?token=${site.tokens.admin}`;
  say(`  Dynamics   ${dynamics.url}  simulated; tells of calls by webhook, recordings are polled every 1 s`);
  say(`  recorder   ${site.recorderUrl}  buffer ${show(site.bufferDir)}`);
  say(`  adapter    ${site.adapterUrl}  archive ${show(site.archiveDir)}, no settling of audio`);
  say(`  desktop    ${AGENT} on ${screen.words}`);
  say(`  secrets    ${show(config.recorder.tokensFile)}, ${show(config.adapter.tokensFile)}`);
  say(`  logs       ${show(join(folder, "logs"))}`);
  say(`  replay     ${replayUrl}`);
  const died = whenOneDies([site.recorder, adapter, desktop]);
  // Nobody listens while a call is followed, nor at the end, when the parts are meant to end.
  died.catch(() => undefined);
  const owned = parts.move();
  return {
    adapterUrl: site.adapterUrl,
    archiveDir: site.archiveDir,
    recorderOpsUrl: site.recorderOpsUrl,
    tokens: site.tokens,
    replayUrl,
    died,
    async placeCall() {
      const call = await dynamics.placeCall(ONE_MACHINE_SCRIPT);
      say(`A call rings at ${AGENT} (call script ${ONE_MACHINE_SCRIPT})`);
      return {
        interactionId: call.callSessionId,
        audioParts: call.state().parts.length,
        finished: call.finished.then(({ steps, audioAvailableAt }) => {
          const lastStepAt = steps.at(-1)?.at ?? call.startedAt;
          const endedAt = closePostedAt(dynamics, call.callSessionId) ?? lastStepAt;
          return { endedAt, audioAvailableAt: audioAvailableAt ?? endedAt };
        }),
      };
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/**
 * When the post began that told the recorder of a conversation's close, which is agent-available; null when none came
 * through. The recorder has it a moment later, so what is measured from here is no less than what it took.
 */
function closePostedAt(dynamics: DynamicsSimulator, conversationId: string): number | null {
  const post = dynamics.webhooks
    .posts()
    .find(
      ({ rowId, columns, outcome }) =>
        rowId === conversationId && columns.includes("msdyn_closedon") && outcome === "delivered",
    );
  return post?.attempts.at(-1)?.sentAt ?? null;
}

/** A screen of its own with something moving on it, also where a display exists. */
async function ownScreen(parts: AsyncDisposableStack): Promise<{ display: string; words: string }> {
  const { x } = parts.use(await startMonitor());
  return { display: x.display, words: `a screen of its own (Xvfb ${x.display}, ${x.width}x${x.height})` };
}

function realScreen(): { display: string; words: string } {
  const display = process.env["DISPLAY"];
  if (display === undefined)
    throw new DeskreelError("BAD_ARGUMENTS", "--real-screen needs an X display (DISPLAY is not set)");
  return { display, words: `this screen (${display})` };
}

async function startDesktop(site: Site, display: string): Promise<Program> {
  const { executable, args } = electronProgram(["--config", await site.desktopConfig(AGENT, DEVICE)]);
  return startProgram("the desktop", executable, args, {
    env: { DISPLAY: display },
    logFile: join(site.folder, "logs/desktop.log"),
  });
}

async function whenOneDies(programs: readonly Program[]): Promise<never> {
  const first = await Promise.race(
    programs.map((program) => program.ended.then((end) => ({ program, end }))),
  );
  throw new DeskreelError(
    "PART_ENDED",
    `${first.program.name} ended with ${first.end.code ?? first.end.signal}:\n${first.program.tail()}`,
  );
}

function show(path: string): string {
  const place = relative(REPOSITORY, path.startsWith("file:") ? fileURLToPath(path) : path);
  return place.startsWith("..") ? path : place;
}
