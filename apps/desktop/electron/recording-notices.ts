import { Notification } from "electron";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { AgentSession } from "../domain/agent-session.ts";
import type { Language } from "../domain/messages/language.ts";
import { callsToTell, type ToldRecordings, viewNotice } from "../domain/recording-notice.ts";

/** Tells the agent by the operating system's notifications that a recording begins: silently, and without the focus. */
export class RecordingNotices {
  readonly #language: Language;
  readonly #log: Log;
  #told: ToldRecordings = [];
  /** What is not held on to is collected, and its failure with it. */
  readonly #held = new Set<Notification>();

  constructor(language: Language, log: Log) {
    this.#language = language;
    this.#log = log;
  }

  /** To be called at every change of the session; recording does not fail with it. */
  note(session: AgentSession): void {
    const { told, calls } = callsToTell(this.#told, session);
    this.#told = told;
    for (const call of calls) {
      const { recordingId } = call;
      // The start of the capture goes first: Linux' notification service is waited for, up to 40 s where it hangs.
      setImmediate(() => this.#show(viewNotice(call, this.#language), recordingId));
    }
  }

  #show(notice: { title: string; body: string }, recordingId: string): void {
    try {
      if (!Notification.isSupported()) throw new Error("this system shows no notifications");
      const notification = new Notification({ ...notice, silent: true, urgency: "low" });
      this.#held.add(notification);
      notification.on("close", () => this.#held.delete(notification));
      notification.on("failed", (_event, reason) => {
        this.#held.delete(notification);
        this.#log.warn({ recordingId, reason }, "notice not shown");
      });
      notification.show();
      this.#log.info({ recordingId }, "notice shown");
    } catch (error) {
      this.#log.warn({ recordingId, reason: describeError(error) }, "notice not shown");
    }
  }
}
