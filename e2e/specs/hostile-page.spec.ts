import { setTimeout as sleep } from "node:timers/promises";
import type { Page } from "@playwright/test";
import { expect, test } from "../fixtures/test.ts";
import type { Desktop } from "../rig/desktop.ts";
import type { ScriptedCall } from "../rig/events.ts";
import { waitFor } from "../rig/wait.ts";

/*
 * What the capture page could do, were it somebody else's: each test speaks from inside the real page, in the real app,
 * and a call is recorded afterwards as if nothing had been.
 */

const ANN = "ann@contoso.com";
const CAPTURE_PAGE = "deskreel://app/capture.html";
const WITHIN_MS = 20_000;

/** In the page's own words, for it has a world of its own: what a message is tried with. */
const HOSTILE_REQUESTS = [
  `undefined`,
  `"create-transport"`,
  `{ t: "eval", code: "1" }`,
  `{ t: "create-transport", and: "more" }`,
  `{ ...failed, reason: "because" }`,
  `{ ...failed, message: "x".repeat(50_000_000) }`,
  `{ t: "connect-transport", transportId: "T", dtlsParameters: cycle }`,
  `{ t: "connect-transport", transportId: "T", dtlsParameters: { at: new Uint8Array(1_000_000) } }`,
  `{ t: "choose-display", display: ["1"] }`,
];
const HOSTILE_MESSAGES = [
  `status({ transportId: null, monitors: -1, framesPerSecond: 5, kbitPerSecond: 1 })`,
  `status(null)`,
  `done({ seq: "1", error: null })`,
];
/** What a page may try, and what becomes of it. */
const ATTEMPTS: Record<string, [code: string, outcome: string]> = {
  window: [`open("https://example.com/window")`, "null"],
  guest: [`document.body.appendChild(document.createElement("webview")).src`, "undefined"],
  network: [`fetch("https://example.com/")`, "TypeError"],
  ownFiles: [`fetch("deskreel://app/capture.js")`, "TypeError"],
  socket: [
    `new Promise((open, close) => Object.assign(new WebSocket("wss://example.com/"), { onopen: open, onerror: close }))`,
    "Event",
  ],
  // Not at once: what a debugger evaluates may evaluate.
  evaluation: [
    `new Promise((ran, threw) => setTimeout(() => { try { ran(new Function("return 1")()) } catch (error) { threw(error) } }))`,
    "EvalError",
  ],
  markup: [`(document.body.innerHTML = "<b>x</b>")`, "TypeError"],
  place: [
    `new Promise((open, close) => navigator.geolocation.getCurrentPosition(open, close))`,
    "GeolocationPositionError",
  ],
  notification: [`Notification.requestPermission()`, "denied"],
  screen: [`navigator.mediaDevices.getDisplayMedia({ video: true })`, "NotAllowedError"],
  screenTheOldWay: [
    `navigator.mediaDevices.getUserMedia({ video: { mandatory: { chromeMediaSource: "desktop", chromeMediaSourceId: "screen:0:0" } } })`,
    "NotAllowedError",
  ],
  screenWithoutACall: [`deskreel.request({ t: "choose-display", display: "1" })`, "Error"],
};

test("messages of a hostile page or of another one are refused, told, and nothing else happens @inside", async ({
  desktop,
  call,
}) => {
  const ann = await desktop(ANN, "PC-0815");
  const page = await ann.app.firstWindow();
  expect(await attempt(page, "Object.keys(deskreel).sort()")).toBe("done,onCommand,request,status");
  for (const name of ["require", "process", "module", "Buffer", "electron", "ipcRenderer"])
    expect(await attempt(page, `typeof ${name}`)).toBe("undefined");

  const given = `const cycle = {}; cycle.self = cycle;
    const display = { id: "1", width: 1, height: 1, scale: 1, primary: true };
    const failed = { t: "capture-failed", display, reason: "desktop-error", message: "" };`;
  for (const request of HOSTILE_REQUESTS)
    expect(await attempt(page, `deskreel.request(${request})`, given)).toBe("Error");
  for (const message of HOSTILE_MESSAGES) await attempt(page, `deskreel.${message}`);
  // Of a command that was never given: fits, and means nothing.
  await attempt(page, "deskreel.done({ seq: 4711, error: null })");
  await waitFor(
    "the refusals in the log",
    () => refusals(ann, "a message").length === HOSTILE_REQUESTS.length + HOSTILE_MESSAGES.length,
    {
      withinMs: WITHIN_MS,
    },
  );

  const stranger = await ann.app.evaluate(async ({ app, BrowserWindow }) => {
    const preload = `${app.getAppPath()}/preload.cjs`;
    const other = new BrowserWindow({ show: false, webPreferences: { preload, sandbox: true } });
    await other.loadURL("about:blank");
    const ask = 'deskreel.request({ t: "create-transport" }).then(() => "answered", () => "refused")';
    const answer: unknown = await other.webContents.executeJavaScript(ask);
    other.destroy();
    return answer;
  });
  expect(stranger).toBe("refused");
  expect(refusals(ann, "a message of a page that is not ours")).toEqual(["about:blank"]);

  await ann.app.evaluate(({ webContents }) => {
    for (const contents of webContents.getAllWebContents()) contents.send("deskreel:command", { t: "quit" });
  });
  await waitFor("the page to refuse the command", () => ann.output().includes('"capture page complains"'), {
    withinMs: WITHIN_MS,
  });
  expect(ann.output()).not.toContain("uncaught error");
  expect(ann.output()).not.toContain("unhandled rejection");
  await recordCall(call);
});

test("a hostile page gets no other page, window, network, file, device or screen @inside", async ({
  desktop,
  call,
}) => {
  const ann = await desktop(ANN, "PC-0815");
  const page = await ann.app.firstWindow();
  const outcomes: Record<string, string> = {};
  for (const [what, [code]] of Object.entries(ATTEMPTS)) outcomes[what] = await attempt(page, code);
  expect(outcomes).toEqual(
    Object.fromEntries(Object.entries(ATTEMPTS).map(([what, [, outcome]]) => [what, outcome])),
  );
  for (const url of ["https://example.com/", "data:text/html,x", "file:///etc/passwd", `${CAPTURE_PAGE}?x`])
    await attempt(page, `(location.href = ${JSON.stringify(url)})`);
  await attempt(page, `document.body.append(document.createElement("iframe"))`);
  // Chromium itself knows better than to go from a page to data or to a file.
  const tried = ["https://example.com/", `${CAPTURE_PAGE}?x`];
  await waitFor(
    "the navigations to be refused",
    () => tried.every((url) => refusals(ann, "a navigation").includes(url)),
    { withinMs: WITHIN_MS },
  );
  expect(page.url()).toBe(CAPTURE_PAGE);
  expect(refusals(ann, "a window")).toEqual(["https://example.com/window"]);

  const served = await ann.app.evaluate(async ({ webContents }) => {
    const session = webContents.getAllWebContents()[0]?.session;
    const paths = [
      "/capture.html",
      "/../../etc/passwd",
      "/%2e%2e/main.cjs",
      "/main.cjs",
      "/package.json",
      "/",
    ];
    const urls = [...paths.map((path) => `deskreel://app${path}`), "deskreel://other/capture.html"];
    const answers = urls.map(async (url) => (await session?.fetch(url))?.status);
    return [await Promise.all(answers), session?.isPersistent()];
  });
  expect(served).toEqual([[200, 404, 404, 404, 404, 404, 404], false]);

  // While a call runs, a display that is to be captured may be chosen, and no other.
  await recordCall(call, async () => {
    const other = page.evaluate(`deskreel.request({ t: "choose-display", display: "other" })`);
    await expect(other).rejects.toThrow("not to be captured now");
  });
});

test("a hostile page hears no microphone and sees no camera @inside", async ({ desktop }) => {
  const ann = await desktop(ANN, "PC-0815", { switches: ["--use-fake-device-for-media-stream"] });
  const page = await ann.app.firstWindow();
  for (const wish of ["{ audio: true }", "{ video: true }"])
    expect(await attempt(page, `navigator.mediaDevices.getUserMedia(${wish})`)).toBe("NotAllowedError");
  expect(refusals(ann, "a permission")).toEqual(["media audio", "media video"]);
});

/** A call from its beginning to its end has pictures. */
async function recordCall(call: ScriptedCall, during = async () => {}): Promise<void> {
  await call.connect();
  await call.captured();
  await during();
  await sleep(2_000);
  await call.end();
  const { tracks } = await call.sealed();
  expect(tracks.map(({ segments }) => segments.length)).toEqual([1]);
  expect(tracks[0]?.segments[0]?.frames).toBeGreaterThan(0);
}

/** What a piece of code gives in the page, or the name of what it throws. */
function attempt(page: Page, code: string, given = ""): Promise<string> {
  return page.evaluate(`(async () => {
    ${given}
    try { return String(await (${code})); } catch (error) { return error.name ?? error.constructor.name; }
  })()`);
}

/** What the desktop's log tells of refusals of this kind. */
function refusals(desktop: Desktop, what: string): string[] {
  return desktop
    .output()
    .split("\n")
    .filter((line) => line.includes('"page was refused"'))
    .map((line) => JSON.parse(line) as { what: string; detail: string })
    .filter((line) => line.what === what)
    .map(({ detail }) => detail);
}
