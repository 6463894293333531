import { desktopCapturer, type DesktopCapturerSource, type Session } from "electron";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { CAPTURE_PAGE_URL, PAGE_ORIGIN } from "./page-protocol.ts";

/**
 * Lets the capture page, and nobody else, capture the display that it has named just before: getDisplayMedia() cannot
 * say which one it wants, and no picker is ever shown.
 */
export class ScreenGrants {
  #chosen: DesktopCapturerSource | null = null;

  constructor(session: Session) {
    const isOwnPage = (url: string | undefined) => url !== undefined && url === CAPTURE_PAGE_URL;
    session.setPermissionRequestHandler((_contents, permission, callback, details) => {
      callback(
        (permission === "media" || permission === "display-capture") && isOwnPage(details.requestingUrl),
      );
    });
    // WebRTC looks here too: without `media` it would use the default route's interface only, or none without a route.
    session.setPermissionCheckHandler(
      (_contents, permission, origin) => permission === "media" && origin.replace(/\/$/, "") === PAGE_ORIGIN,
    );
    session.setDisplayMediaRequestHandler((request, callback) => {
      const source = this.#chosen;
      this.#chosen = null;
      if (source === null || !isOwnPage(request.frame?.url)) callback({});
      else callback({ video: source });
    });
  }

  /** The next request is granted this display. @throws DeskreelError `DISPLAY_NOT_FOUND` */
  async choose(displayId: string): Promise<void> {
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
    this.#chosen = source;
  }
}
