import { desktopCapturer, type DesktopCapturerSource, type Session } from "electron";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { CAPTURE_PAGE_URL, PAGE_ORIGIN } from "./page-protocol.ts";
import type { RefusalLog } from "./refusals.ts";

/**
 * Lets the capture page, and nobody else, capture the display that it has named just before: getDisplayMedia() cannot
 * say which one it wants, and no picker is ever shown.
 */
export class ScreenGrants {
  #chosen: { displayId: string; source: DesktopCapturerSource } | null = null;

  /** Displays that are to be captured now; no call, none. */
  #permitted: ReadonlySet<string> = new Set();

  constructor(session: Session, refusals: RefusalLog) {
    const isOwnPage = (url: string | undefined) => url !== undefined && url === CAPTURE_PAGE_URL;
    session.setPermissionRequestHandler((_contents, permission, callback, details) => {
      const isCapture = permission === "media" || permission === "display-capture";
      // Microphones and cameras are `media` too, but only they have types.
      const types = "mediaTypes" in details ? (details.mediaTypes ?? []) : [];
      const isGranted =
        isCapture && types.length === 0 && this.#chosen !== null && isOwnPage(details.requestingUrl);
      if (!isGranted) refusals.note("a permission", [permission, ...types].join(" "));
      callback(isGranted);
    });
    // WebRTC looks here too: without `media` it would use the default route's interface only, or none without a route.
    session.setPermissionCheckHandler(
      (_contents, permission, origin) => permission === "media" && origin.replace(/\/$/, "") === PAGE_ORIGIN,
    );
    session.setDisplayMediaRequestHandler((request, callback) => {
      const chosen = this.#chosen;
      this.#chosen = null;
      if (chosen !== null && isOwnPage(request.frame?.url)) {
        callback({ video: chosen.source });
        return;
      }
      refusals.note("a screen", request.frame?.url ?? "a dead frame");
      callback({});
    });
  }

  /** Only these displays may be chosen from now on: the page captures what it was told to, and only then. */
  permit(displayIds: readonly string[]): void {
    this.#permitted = new Set(displayIds);
    if (this.#chosen !== null && !this.#permitted.has(this.#chosen.displayId)) this.#chosen = null;
  }

  /**
   * The next request is granted this display.
   *
   * @throws DeskreelError `DISPLAY_NOT_WANTED`, `DISPLAY_NOT_FOUND`
   */
  async choose(displayId: string): Promise<void> {
    this.#requirePermitted(displayId);
    // Size 0: without it every window and screen would be drawn once for a thumbnail.
    const sources = await desktopCapturer.getSources({
      types: ["screen"],
      thumbnailSize: { width: 0, height: 0 },
    });
    // Where the platform does not tell display ids, there is one screen.
    const only = sources.length === 1 && sources[0]?.display_id === "" ? sources[0] : undefined;
    const source = sources.find((candidate) => candidate.display_id === displayId) ?? only;
    if (source === undefined) {
      const found = sources.map((candidate) => candidate.display_id).join(", ") || "none";
      throw new DeskreelError("DISPLAY_NOT_FOUND", `display ${displayId} is not there; found ${found}`);
    }
    // The call may have ended meanwhile.
    this.#requirePermitted(displayId);
    this.#chosen = { displayId, source };
  }

  #requirePermitted(displayId: string): void {
    if (this.#permitted.has(displayId)) return;
    throw new DeskreelError("DISPLAY_NOT_WANTED", `display ${displayId} is not to be captured now`);
  }
}
