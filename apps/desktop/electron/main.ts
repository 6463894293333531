import { hostname, userInfo } from "node:os";
import { dirname, join } from "node:path";
import { app, dialog, session, shell } from "electron";
import { type DesktopConfig, defaultAgent, isLoopback } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { createLog, type Log } from "#shared/runtime/log.ts";
import { RotatingFile } from "#shared/runtime/rotating-file.ts";
import { shutdownSignal } from "#shared/runtime/shutdown.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { awaitUpdate } from "../agent/await-update.ts";
import { BudgetKeeper } from "../agent/budget-keeper.ts";
import { DesktopAgent } from "../agent/desktop-agent.ts";
import { openDesktopKey } from "../agent/desktop-key.ts";
import { readInstallerMarks } from "../agent/installer-marks.ts";
import type { DesktopIdentity } from "../agent/ports.ts";
import { settledDisplays } from "../agent/settled-displays.ts";
import { type AgentSession, NEW_SESSION } from "../domain/agent-session.ts";
import { chooseLanguage } from "../domain/messages/language.ts";
import { viewTray } from "../domain/tray-view.ts";
import { type InstallerMarks, isHeldOff, type UpdateNotice } from "../domain/update.ts";
import { keepAutostart } from "./autostart.ts";
import { CapturePage } from "./capture-page.ts";
import { createCaptureWindow } from "./capture-window.ts";
import { keepCrashReports } from "./crash-reports.ts";
import { configArguments, readDesktopConfig } from "./desktop-config.ts";
import { electronDisplays } from "./displays.ts";
import { refuseForeignSwitches } from "./foreign-switches.ts";
import { registerPageScheme, servePages } from "./page-protocol.ts";
import { electronPresence } from "./presence.ts";
import { RecordingNotices } from "./recording-notices.ts";
import { RefusalLog, refuseAllElse } from "./refusals.ts";
import { followProcessorTime } from "./processor-time.ts";
import { ScreenGrants } from "./screen-grants.ts";
import { electronSecretBox } from "./secret-box.ts";
import { electronNetworkState } from "./network-state.ts";
import { dialAsTheSystemSays } from "./system-network.ts";
import { createTray, type TrayActions } from "./tray.ts";

/** sysexits' habit: 2 = the configuration or the command line is at fault. */
const EXIT_BAD_CONFIG = 2;
/** An installer wants that no app runs now. */
const EXIT_FOR_INSTALLER = 3;
/** How often the tray's words are brought up to date in a call. */
const TRAY_EVERY_MS = 2_000;
const LOG_FILE_BYTES = 1_048_576;
const LOG_FILES = 5;

try {
  refuseForeignSwitches();
  start(readDesktopConfig());
} catch (error) {
  process.stderr.write(`Deskreel cannot start: ${describeError(error)}\n`);
  // Nobody sees an installed app's stderr.
  if (app.isPackaged) openLog(logFolder()).fatal({ reason: describeError(error) }, "desktop cannot start");
  app.exit(EXIT_BAD_CONFIG);
}

function identify(config: DesktopConfig): DesktopIdentity {
  return {
    serverUrl: config.serverUrl,
    enrollmentToken: config.enrollmentToken,
    agent: config.agent ?? defaultAgent(),
    device: config.device ?? hostname(),
    osUser: userInfo().username,
    appVersion: app.getVersion(),
  };
}

function start({ config, managed }: ReturnType<typeof readDesktopConfig>): void {
  const identity = identify(config);
  if (config.dataDir !== null) app.setPath("userData", config.dataDir);
  if (!app.requestSingleInstanceLock()) {
    // Its files belong to the other one.
    createLog("desktop").info("another instance runs already");
    app.exit(0);
    return;
  }
  const log = openLog(logFolder());
  if (isHeldOffNow(log)) {
    log.info("an installer wants that no app runs now");
    app.exit(EXIT_FOR_INSTALLER);
    return;
  }
  if (managed.length > 0) log.info({ places: managed.map(({ source }) => source) }, "settings are managed");
  neverShowADialog(log);
  keepCrashReports(log);
  // A machine without any network but its own has no other interface to gather ICE candidates from.
  if (isLoopback(new URL(identity.serverUrl).hostname))
    app.commandLine.appendSwitch("allow-loopback-in-peer-connection");
  registerPageScheme();
  const refusals = new RefusalLog(log);
  refuseAllElse(refusals);
  // A tray app goes on without windows.
  app.on("window-all-closed", () => {});
  const signal = AbortSignal.any([shutdownSignal(), quitSignal()]);
  app
    .whenReady()
    .then(() => runDesktop({ identity, config, logFolder: logFolder(), refusals, log }, signal))
    .then((update) => {
      if (update?.kind === "updated")
        app.relaunch({ execPath: process.execPath, args: process.argv.slice(1) });
      app.exit(update === null ? 0 : EXIT_FOR_INSTALLER);
    })
    .catch((error: unknown) => {
      log.fatal({ err: error }, "desktop failed");
      app.exit(1);
    });
}

/** Marks that cannot be read, as while Windows deletes one, hold nobody off: the app looks again while it runs. */
function isHeldOffNow(log: Log): boolean {
  try {
    return isHeldOff(readMarks(), Date.now());
  } catch (error) {
    log.warn({ err: error }, "installers' marks cannot be read");
    return false;
  }
}

/** Beside the app's code, which only administrators can change. */
function readMarks(): InstallerMarks {
  return readInstallerMarks(dirname(app.getAppPath()));
}

/** Below userData on every OS, so that `dataDir` moves it too. */
function logFolder(): string {
  return join(app.getPath("userData"), "logs");
}

/** A packaged app has no terminal, so the log is in files too. */
function openLog(folder: string): Log {
  const onFault = (error: unknown) =>
    process.stderr.write(`Deskreel cannot write its log to ${folder}: ${describeError(error)}\n`);
  const file = new RotatingFile({
    folder,
    name: "desktop",
    maxBytes: LOG_FILE_BYTES,
    maxFiles: LOG_FILES,
    onFault,
  });
  return createLog("desktop", undefined, file);
}

interface Surroundings {
  identity: DesktopIdentity;
  config: DesktopConfig;
  logFolder: string;
  refusals: RefusalLog;
  log: Log;
}

function trayActions({ config: { noticeUrl }, logFolder, log }: Surroundings): TrayActions {
  return {
    "explain-recording": () => {
      if (noticeUrl === null) return;
      shell
        .openExternal(noticeUrl)
        .catch((error: unknown) => log.warn({ reason: describeError(error) }, "notice not opened"));
    },
    "open-log-folder": () => {
      shell
        .openPath(logFolder)
        .then((reason) => {
          if (reason !== "") log.warn({ reason }, "log folder not opened");
        })
        .catch((error: unknown) => log.warn({ reason: describeError(error) }, "log folder not opened"));
    },
  };
}

/** @returns what it has ended for, where that is an installer. */
async function runDesktop(surroundings: Surroundings, signal: AbortSignal): Promise<UpdateNotice | null> {
  const { identity, config, refusals, log } = surroundings;
  const bundleFolder = app.getAppPath();
  const tray = createTray(join(bundleFolder, "icons"), trayActions(surroundings), log);
  const language = chooseLanguage(app.getPreferredSystemLanguages());
  let updateBy: EpochMs | null = null;
  const notices = config.notice === "start" ? new RecordingNotices(language, log) : null;
  const clock = new WallClock();
  clock.onStep(({ stepMs }) => log.warn({ stepMs }, "clock was set"));
  let agentSession: AgentSession = NEW_SESSION;
  // A session of its own that is kept nowhere: no cookie, cache or storage of a page is ever on the disk.
  const pageSession = session.fromPartition("capture");
  servePages(bundleFolder, pageSession);
  const showTray = () => {
    const facts = { appVersion: identity.appVersion, hasNotice: config.noticeUrl !== null, updateBy };
    tray.show(viewTray(agentSession, page.status, facts, language));
  };
  const { device, osUser } = identity;
  const box = electronSecretBox();
  const key = await openDesktopKey({ folder: app.getPath("userData"), device, osUser, box, log });
  const budgets = new BudgetKeeper({
    now: () => performance.now(),
    processorMs: followProcessorTime(),
    limit: (limits) => {
      page
        .limit(limits)
        .catch((error: unknown) => log.warn({ reason: describeError(error) }, "limits not applied"));
    },
    log,
  });
  let trayTimer: NodeJS.Timeout | undefined;
  const agent = new DesktopAgent({
    budgets,
    identity,
    key,
    dial: dialAsTheSystemSays(config, pageSession, log),
    networkState: electronNetworkState,
    displays: settledDisplays(electronDisplays()),
    presence: electronPresence(log),
    clock,
    log,
    onSession: (changed) => {
      agentSession = changed;
      showTray();
      notices?.note(changed);
      // Between calls its words stay true by themselves.
      clearInterval(trayTimer);
      if (changed.capture.phase !== "idle") trayTimer = setInterval(showTray, TRAY_EVERY_MS);
    },
  });
  const page = new CapturePage({
    window: createCaptureWindow(bundleFolder, pageSession),
    grants: new ScreenGrants(pageSession, refusals),
    signalling: agent,
    refusals,
    onStatus: (status) => budgets.note(status),
    steady: () => clock.steady(),
    onLost: (message) => {
      budgets.forget();
      agent.captureLost(message);
    },
    onReturned: () => agent.captureReturned(),
    log,
  });
  await page.load();
  log.info({ version: identity.appVersion, electron: process.versions["electron"] }, "desktop started");
  await keepAutostart(config.autostart, configArguments(), log);
  const ending = new AbortController();
  const leaving = awaitUpdate(
    {
      readMarks,
      hasRecording: () => agentSession.capture.phase !== "idle",
      onWait: (notice) => {
        updateBy = notice?.leaveBy ?? null;
        showTray();
      },
      clock,
      log,
    },
    signal,
  ).then(async (update) => {
    if (update === null) return null;
    log.info({ update: update.kind }, "desktop leaves for an installer");
    if (update.kind !== "removal") await agent.leaveForUpdate();
    ending.abort();
    return update;
  });
  await agent.run(page, AbortSignal.any([signal, ending.signal]));
  clearInterval(trayTimer);
  return leaving;
}

/** Fires when the session ends or Chromium got the SIGTERM first: we say goodbye, then exit by ourselves. */
function quitSignal(): AbortSignal {
  const controller = new AbortController();
  app.on("before-quit", (event) => {
    event.preventDefault();
    controller.abort("quit");
  });
  return controller.signal;
}

/** Agents are never asked anything: Electron's box for uncaught errors would take the focus from a call. */
function neverShowADialog(errors: Log): void {
  dialog.showErrorBox = (title, content) => errors.error({ title, content }, "error box suppressed");
  process.on("uncaughtException", (error) => errors.error({ err: error }, "uncaught error"));
  process.on("unhandledRejection", (error) => errors.error({ err: error }, "unhandled rejection"));
}
