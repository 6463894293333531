import { type BrowserWindow, ipcMain, type IpcMainEvent, type IpcMainInvokeEvent } from "electron";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { RecorderSignalling, ScreenCapture } from "../agent/ports.ts";
import { IPC_CHANNELS } from "../ipc-channels.ts";
import {
  commandDoneSchema,
  type PageCommand,
  type PageStatus,
  pageRequestSchema,
  pageStatusSchema,
} from "../ipc-contract.ts";
import { CAPTURE_PAGE_URL } from "./page-protocol.ts";
import type { ScreenGrants } from "./screen-grants.ts";

type Unnumbered<Command> = Command extends unknown ? Omit<Command, "seq"> : never;

export interface CapturePageOptions {
  window: BrowserWindow;
  grants: ScreenGrants;
  signalling: RecorderSignalling;
  onStatus: (status: PageStatus) => void;
  /** The page's process is gone; it has been loaded again, without any stream. */
  onReloaded: () => void;
  log: Log;
}

/** The main process's end of the capture page. */
export class CapturePage implements ScreenCapture {
  readonly #options: CapturePageOptions;
  readonly #waiting = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  #status: PageStatus | null = null;
  #lastSeq = 0;

  constructor(options: CapturePageOptions) {
    this.#options = options;
    const { webContents } = options.window;
    ipcMain.handle(IPC_CHANNELS.request, (event, request: unknown) => this.#answer(event, request));
    ipcMain.on(IPC_CHANNELS.done, (event, done: unknown) => this.#settle(event, done));
    ipcMain.on(IPC_CHANNELS.status, (event, status: unknown) => this.#note(event, status));
    webContents.on("render-process-gone", (_event, details) => {
      options.log.error({ reason: details.reason, exitCode: details.exitCode }, "capture page died");
      void this.#reload();
    });
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
    await this.#options.window.loadURL(CAPTURE_PAGE_URL);
  }

  prepare(session: Parameters<ScreenCapture["prepare"]>[0]): Promise<void> {
    return this.#command({ t: "prepare", ...session });
  }

  setPolicy(policy: Parameters<ScreenCapture["setPolicy"]>[0]): Promise<void> {
    return this.#command({ t: "policy", policy });
  }

  capture(...[displays, hidden]: Parameters<ScreenCapture["capture"]>): Promise<void> {
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
      this.#options.window.webContents.send(IPC_CHANNELS.command, { ...command, seq } satisfies PageCommand);
    });
  }

  async #answer(event: IpcMainInvokeEvent, unknownRequest: unknown): Promise<unknown> {
    this.#requireOwnPage(event);
    const request = pageRequestSchema.parse(unknownRequest);
    if (request.t === "choose-display") return this.#options.grants.choose(request.display);
    return this.#options.signalling.ask(request);
  }

  #settle(event: IpcMainEvent, unknownDone: unknown): void {
    this.#requireOwnPage(event);
    const { seq, error } = commandDoneSchema.parse(unknownDone);
    const waiting = this.#waiting.get(seq);
    this.#waiting.delete(seq);
    if (error === null) waiting?.resolve();
    else waiting?.reject(new DeskreelError("CAPTURE_FAILED", error));
  }

  #note(event: IpcMainEvent, unknownStatus: unknown): void {
    this.#requireOwnPage(event);
    this.#status = pageStatusSchema.parse(unknownStatus);
    this.#options.onStatus(this.#status);
  }

  #requireOwnPage(event: IpcMainEvent | IpcMainInvokeEvent): void {
    if (event.senderFrame?.url === CAPTURE_PAGE_URL) return;
    throw new DeskreelError("WRONG_SENDER", `${event.senderFrame?.url ?? "a dead frame"} is not our page`);
  }

  async #reload(): Promise<void> {
    this.#status = null;
    for (const waiting of this.#waiting.values())
      waiting.reject(new DeskreelError("PAGE_GONE", "the capture page died"));
    this.#waiting.clear();
    try {
      await this.load();
      this.#options.onReloaded();
    } catch (error) {
      this.#options.log.error({ reason: describeError(error) }, "capture page could not be loaded again");
    }
  }
}
