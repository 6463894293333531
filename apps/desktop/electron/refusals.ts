import { app, type Session, type WebContents } from "electron";
import type { Log } from "#shared/runtime/log.ts";
import { PAGE_ORIGIN } from "./page-protocol.ts";

/** So many refusals are told one by one; after them, so many at a time: a page must not fill the log. */
const TOLD_SINGLY = 20;
const TOLD_TOGETHER = 1_000;
const MAX_FACT_LENGTH = 200;

/** What pages were refused, in the log. */
export class RefusalLog {
  readonly #log: Log;
  #refused = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** @param what - completes "page was refused …"; `detail` may come from the page. */
  note(what: string, detail: string): void {
    this.#refused += 1;
    if (this.#refused > TOLD_SINGLY && this.#refused % TOLD_TOGETHER !== 0) return;
    this.#log.warn(
      { what, detail: detail.slice(0, MAX_FACT_LENGTH), refused: this.#refused },
      "page was refused",
    );
  }
}

/**
 * Refuses what no page of this app ever needs, in every session and page there will be: other addresses, windows, guests,
 * downloads, permissions. What the capture page may is granted elsewhere, to it alone. To be called before the app is
 * ready.
 */
export function refuseAllElse(refusals: RefusalLog): void {
  app.on("session-created", (session) => refuseInSession(session, refusals));
  app.on("web-contents-created", (_event, contents) => refuseInPage(contents, refusals));
}

function refuseInSession(session: Session, refusals: RefusalLog): void {
  session.setPermissionRequestHandler((_contents, permission, callback) => {
    refusals.note("a permission", permission);
    callback(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest(({ url }, callback) => {
    const isOurs = url.startsWith(`${PAGE_ORIGIN}/`);
    // Developers' tools are pages too; a packaged app has none.
    const isTools = !app.isPackaged && url.startsWith("devtools://");
    if (!isOurs && !isTools) refusals.note("an address", url);
    callback({ cancel: !isOurs && !isTools });
  });
  session.on("will-download", (event, item) => {
    refusals.note("a download", item.getURL());
    event.preventDefault();
  });
}

function refuseInPage(contents: WebContents, refusals: RefusalLog): void {
  contents.setWindowOpenHandler(({ url }) => {
    refusals.note("a window", url);
    return { action: "deny" };
  });
  // The page is loaded by us, which these do not tell of; it never goes anywhere by itself.
  contents.on("will-frame-navigate", (event) => {
    refusals.note("a navigation", event.url);
    event.preventDefault();
  });
  contents.on("will-redirect", (event) => {
    refusals.note("a redirection", event.url);
    event.preventDefault();
  });
  contents.on("will-attach-webview", (event) => {
    refusals.note("a guest page", "");
    event.preventDefault();
  });
}
