import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { protocol, type Session } from "electron";

/** The app's own origin: no file:// and nothing remote. */
const SCHEME = "deskreel";
/** Written out: for a scheme of its own, URL's `origin` is "null". */
export const PAGE_ORIGIN = `${SCHEME}://app`;
/** The only page there is. */
export const CAPTURE_PAGE_URL = `${PAGE_ORIGIN}/capture.html`;

const CONTENT_SECURITY_POLICY = [
  // The page loads its script and nothing else; what it says goes by IPC and WebRTC.
  "default-src 'none'",
  "script-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  // No text becomes code, also not by the DOM.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  // Without camera and microphone, which WebRTC looks for here, it would use no interface but the default route's; whether
  // they may be used, the session says.
  "permissions-policy": "geolocation=(), usb=(), serial=(), hid=(), bluetooth=(), midi=()",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
const PAGES: ReadonlyMap<string, string> = new Map([
  ["/capture.html", "text/html; charset=utf-8"],
  ["/capture.js", "text/javascript; charset=utf-8"],
]);

/** Must be called before the app is ready. `secure` is what mediaDevices asks for. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true } }]);
}

/** Serves the page's files, and nothing else, from the bundle's folder. */
export function servePages(bundleFolder: string, session: Session): void {
  session.protocol.handle(SCHEME, async ({ method, url }) => {
    const { pathname } = new URL(url);
    const type = PAGES.get(pathname);
    // The address as a whole: neither another host nor a query means this file.
    if (method !== "GET" || type === undefined || url !== `${PAGE_ORIGIN}${pathname}`)
      return new Response("not found", { status: 404 });
    return new Response(await readFile(join(bundleFolder, pathname.slice(1))), {
      headers: { ...HEADERS, "content-type": type },
    });
  });
}
