import type { z } from "zod";
import { type BrowserWindow, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from "electron";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { fieldProblems } from "#shared/runtime/schema-problems.ts";
import type { SteadyMs } from "#shared/time/units.ts";
import { PageKeeper } from "../agent/page-keeper.ts";
import type { RecorderSignalling, ScreenCapture } from "../agent/ports.ts";
import { faultOfBuild } from "../domain/plain-message.ts";
import type { SendLimits } from "../domain/budget-ladder.ts";
import { IPC_CHANNELS } from "../ipc-channels.ts";
import {
  commandDoneSchema,
  type PageCommand,
  type PageStatus,
  pageRequestSchema,
  pageStatusSchema,
} from "../ipc-contract.ts";
import { CAPTURE_PAGE_URL } from "./page-protocol.ts";
import type { RefusalLog } from "./refusals.ts";
import type { ScreenGrants } from "./screen-grants.ts";

/** What WebRTC describes itself with has some thousand characters. */
const MAX_MESSAGE_SIZE = 65_536;

type Unnumbered<Command> = Command extends unknown ? Omit<Command, "seq"> : never;

export interface CapturePageOptions {
  window: BrowserWindow;
  grants: ScreenGrants;
  signalling: RecorderSignalling;
  onStatus: (status: PageStatus) => void;
  steady: () => SteadyMs;
  /** The page is gone, and with it every stream and transport; it is loaded again. */
  onLost: (message: string) => void;
  /** It has been loaded again, as new. */
  onReturned: () => void;
  refusals: RefusalLog;
  log: Log;
}

/** The main process's end of the capture page. */
export class CapturePage implements ScreenCapture {
  readonly #options: CapturePageOptions;
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  readonly #keeper: PageKeeper;
  #status: PageStatus | null = null;
  #isCapturing = false;
  #lastSeq = 0;

  constructor(options: CapturePageOptions) {
    this.#options = options;
    const { webContents } = options.window;
    ipcMain.handle(IPC_CHANNELS.request, (event, message: unknown) => this.#answer(event, message));
    ipcMain.on(IPC_CHANNELS.done, (event, message: unknown) => this.#settle(event, message));
    ipcMain.on(IPC_CHANNELS.status, (event, message: unknown) => this.#note(event, message));
    const { steady, onReturned, log } = options;
    this.#keeper = new PageKeeper({
      page: {
        load: () => options.window.loadURL(CAPTURE_PAGE_URL),
        kill: () => webContents.forcefullyCrashRenderer(),
      },
      steady,
      onLost: (message) => this.#lose(message),
      onReturned,
      log,
    });
    webContents.on("render-process-gone", (_event, { reason, exitCode }) =>
      this.#keeper.died(`${reason}, exit code ${exitCode}`),
    );
    // The page says nothing but why WebRTC failed; it belongs to our log.
    webContents.on("console-message", (event) => {
      if (event.level === "error" || event.level === "warning")
        options.log.warn({ text: event.message }, "capture page complains");
    });
  }

  get status(): PageStatus | null {
    return this.#status;
  }

  /** Resolves when the page listens. */
  async load(): Promise<void> {
    await this.#keeper.start();
  }

  prepare(session: Parameters<ScreenCapture["prepare"]>[0]): Promise<void> {
    return this.#command({ t: "prepare", ...session });
  }

  setPolicy(policy: Parameters<ScreenCapture["setPolicy"]>[0]): Promise<void> {
    return this.#command({ t: "policy", policy });
  }

  limit(limits: SendLimits): Promise<void> {
    return this.#command({ t: "limit", ...limits });
  }

  capture(...[displays, hidden]: Parameters<ScreenCapture["capture"]>): Promise<void> {
    this.#options.grants.permit(displays.map(({ id }) => id));
    this.#isCapturing = displays.length > 0;
    return this.#command({ t: "capture", displays, hidden });
  }

  #command(command: Unnumbered<PageCommand>): Promise<void> {
    const seq = ++this.#lastSeq;
    return new Promise((resolve, reject) => {
      if (this.#options.window.isDestroyed()) {
        reject(new DeskreelError("PAGE_GONE", "the capture page is closed"));
        return;
      }
      this.#waiting.set(seq, { resolve, reject });
      this.#keeper.asked();
      this.#options.window.webContents.send(IPC_CHANNELS.command, { ...command, seq } satisfies PageCommand);
    });
  }

  async #answer(event: IpcMainInvokeEvent, message: unknown): Promise<unknown> {
    const request = this.#check(event, message, pageRequestSchema);
    if (request === null) throw new DeskreelError("REFUSED", "the request was refused");
    if (request.t === "choose-display") return this.#options.grants.choose(request.display);
    return this.#options.signalling.ask(request);
  }

  #settle(event: IpcMainEvent, message: unknown): void {
    const done = this.#check(event, message, commandDoneSchema);
    if (done === null) return;
    const { seq, error } = done;
    const waiting = this.#waiting.get(seq);
    this.#waiting.delete(seq);
    this.#heard();
    if (error === null) waiting?.resolve();
    else if (waiting !== undefined) waiting.reject(new DeskreelError("CAPTURE_FAILED", error));
    else this.#options.log.warn({ text: error.slice(0, 200) }, "capture page complains");
  }

  #note(event: IpcMainEvent, message: unknown): void {
    const status = this.#check(event, message, pageStatusSchema);
    if (status === null) return;
    this.#heard();
    this.#status = status;
    this.#options.onStatus(status);
  }

  #heard(): void {
    this.#keeper.heard(this.#isCapturing || this.#waiting.size > 0);
  }

  /** The message, if it is one of our page's; else null, and it is in the log. */
  #check<Message>(
    { sender, senderFrame }: IpcMainEvent | IpcMainInvokeEvent,
    message: unknown,
    schema: z.ZodType<Message>,
  ): Message | null {
    const { window, refusals } = this.#options;
    // Its last words, while the app ends.
    if (window.isDestroyed()) return null;
    const isOurs =
      sender === window.webContents && senderFrame?.parent === null && senderFrame.url === CAPTURE_PAGE_URL;
    if (!isOurs) {
      refusals.note("a message of a page that is not ours", senderFrame?.url ?? "a dead frame");
      return null;
    }
    const fault = faultOfBuild(message, MAX_MESSAGE_SIZE);
    const parsed = fault === null ? schema.safeParse(message) : null;
    if (parsed?.success) return parsed.data;
    const problems =
      parsed?.error && fieldProblems(parsed.error).map(({ path, message }) => `${path}: ${message}`);
    refusals.note("a message", fault ?? problems?.join("; ") ?? "");
    return null;
  }

  #lose(message: string): void {
    this.#status = null;
    for (const waiting of this.#waiting.values()) waiting.reject(new DeskreelError("PAGE_GONE", message));
    this.#waiting.clear();
    this.#options.onLost(message);
  }
}
