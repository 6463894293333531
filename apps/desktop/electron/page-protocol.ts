import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { protocol } from "electron";

/** The app's own origin: no file:// and nothing remote. */
const SCHEME = "deskreel";
/** Written out: for a scheme of its own, URL's `origin` is "null". */
export const PAGE_ORIGIN = `${SCHEME}://app`;
/** The only page there is. */
export const CAPTURE_PAGE_URL = `${PAGE_ORIGIN}/capture.html`;

const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const PAGES: ReadonlyMap<string, string> = new Map([
  ["/capture.html", "text/html; charset=utf-8"],
  ["/capture.js", "text/javascript; charset=utf-8"],
]);

/** Must be called before the app is ready. `secure` is what mediaDevices asks for. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
}

/** Serves the page's files, and nothing else, from the bundle's folder. */
export function servePages(bundleFolder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const { host, pathname } = new URL(request.url);
    const type = PAGES.get(pathname);
    if (host !== "app" || type === undefined) return new Response("not found", { status: 404 });
    return new Response(await readFile(join(bundleFolder, pathname.slice(1))), {
      headers: {
        "content-type": type,
        "content-security-policy": CONTENT_SECURITY_POLICY,
        "x-content-type-options": "nosniff",
      },
    });
  });
}
