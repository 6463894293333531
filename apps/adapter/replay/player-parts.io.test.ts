import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { run } from "#shared/runtime/subprocess.ts";
import { openPage } from "./rig/browser.ts";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { listFile, makeSides, makeStripes, SIDES_HZ } from "./rig/made-media.ts";
import { offerTransfer, type OfferedTransfer, openPageRig, type PageRig } from "./rig/page-rig.ts";
import { OWN_PASSWORD, ReplayClient, signUp } from "./rig/replay-client.ts";
import { MADE_PLACE, type ReplayRig } from "./rig/replay-rig.ts";

const STRIPE_PX = 4;
/** Of dB; a side that is heard is far above, silence far below. */
const HEARD_DB = -60;
const WITHIN = { timeout: 30_000 };

let opened: PageRig;
let rig: ReplayRig;
let transfer: OfferedTransfer;

beforeAll(async () => {
  opened = await openPageRig(bundleReplay, { policy: { agentsSeeOwn: true, agentsSeeWatchers: true } });
  ({ rig } = opened);
  transfer = await offerTransfer(rig);
  const { folder, catalogue } = rig;
  const sides = await makeSides(folder, "sides.m4a", 12);
  const stripes = await makeStripes(folder, "stripes.mp4", 12, STRIPE_PX);
  catalogue.put(
    madeInteraction("sides-1", {
      audio: transfer.manifest.audio && { ...transfer.manifest.audio, file: sides.name },
      screens: [madeScreen(stripes.name, 0, 12_000)],
      files: [sides, stripes, ...transfer.artefacts.filter(({ name }) => name === "peaks.json")],
    }),
    MADE_PLACE,
  );
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

/** How loud each side's tone is where it leaves the page, in dB; null before sound goes through Web Audio. */
async function loudness(page: Page): Promise<boolean[] | null> {
  const answer = await page.evaluate(`(() => {
    const tap = globalThis.tap;
    if (tap === undefined) return "null";
    const bins = new Float32Array(tap.frequencyBinCount);
    tap.getFloatFrequencyData(bins);
    const at = (hz) => Math.max(...bins.slice(Math.round(hz / tap.context.sampleRate * tap.fftSize) - 3).slice(0, 7));
    return JSON.stringify(${JSON.stringify(SIDES_HZ)}.map((hz) => at(hz) > ${HEARD_DB}));
  })()`);
  return JSON.parse(String(answer)) as boolean[] | null;
}

test("each side has its own volume down to nothing, and keeps its pitch at another speed", async () => {
  await using watched = await opened.signIn("viewer");
  const { page, faults } = watched;
  // What goes to the ears is listened to on its way.
  await page.addInitScript(`{
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
      if (to instanceof AudioDestinationNode) {
        globalThis.tap = new AnalyserNode(this.context, { fftSize: 8192, smoothingTimeConstant: 0 });
        connect.call(this, globalThis.tap);
      }
      return connect.call(this, to, ...rest);
    };
  }`);
  await page.goto(`${rig.url}/interactions/sides-1`);
  const side = (number: number) => page.getByRole("slider", { name: `Volume of channel ${number}` });
  await side(1).focus();
  await page.keyboard.press("Home");
  await page.getByLabel("Speed").selectOption("2");
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(() => loudness(page), { ...WITHIN, interval: 50 }).toEqual([false, true]);
  await page.keyboard.press("Home");
  await side(1).fill("1");
  await side(2).fill("0");
  await expect.poll(() => loudness(page), { ...WITHIN, interval: 50 }).toEqual([true, false]);
  await side(2).fill("0.5");
  await page.evaluate(`location.hash = "#t=1"`);
  await expect.poll(() => loudness(page), { ...WITHIN, interval: 50 }).toEqual([true, true]);
  expect(faults).toEqual([]);
});

test("a screen is zoomed by wheel, keys and dragging, with crisp pixels, and all of it fills the screen", async () => {
  await using watched = await opened.signIn("viewer");
  const { page, faults } = watched;
  await page.goto(`${rig.url}/interactions/sides-1#t=2`);
  const picture = page.getByRole("group", { name: /^Picture of Ann Agent/ });
  await page.locator(".seek-preview, .tile-card").waitFor({ state: "detached" });
  const transform = () =>
    page.locator("video").evaluate((video: unknown) => {
      return (video as { style: { transform: string } }).style.transform;
    });
  const share = async () => await blurredShare(await picture.screenshot());
  await picture.hover();
  // From 2 device pixels for each of the screen's on.
  for (let step = 0; step < 8; step++) await page.mouse.wheel(0, -100);
  await expect.poll(transform).toContain("scale(5.96");
  const zoomed = await share();
  const before = await transform();
  const box = await picture.boundingBox();
  if (box === null) throw new Error("there is no picture");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2 + 20, { steps: 3 });
  await page.mouse.up();
  const dragged = await transform();
  expect(dragged).not.toBe(before);
  await picture.focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(transform).not.toBe(dragged);
  // Sharp edges: hardly anything lies between black and white; drawn smoothly it would be about a fifth.
  expect(zoomed).toBeLessThan(0.05);
  await page.locator("video").evaluate((video: unknown) => {
    (video as { style: { imageRendering: string } }).style.imageRendering = "auto";
  });
  await expect.poll(share, WITHIN).toBeGreaterThan(Math.max(0.05, 2 * zoomed));
  // They were the picture's keys, not the player's.
  expect(await page.locator(".position").innerText()).toBe("00:02 / 00:12");
  await page.keyboard.press("Escape");
  await expect.poll(transform).toBe("");

  await page.keyboard.press("f");
  const fills = () => page.evaluate(`document.fullscreenElement?.matches("main.player") ?? false`);
  await expect.poll(fills).toBe(true);
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.waitFor();
  for (let press = 0; press < 3; press++) {
    await page.keyboard.press("Tab");
    expect(
      await page.evaluate(
        `document.activeElement === document.body || document.querySelector("dialog").contains(document.activeElement)`,
      ),
    ).toBe(true);
  }
  await page.keyboard.press("?");
  await dialog.waitFor({ state: "detached" });
  // The focus is where it was, and the full screen as well.
  await expect.poll(() => page.evaluate(`document.activeElement.matches(".tile-picture")`)).toBe(true);
  await page.keyboard.press("f");
  await expect.poll(fills).toBe(false);
  expect(faults).toEqual([]);
});

/** The part of a picture's pixels that are neither nearly black nor nearly white. */
async function blurredShare(png: Buffer): Promise<number> {
  const file = join(rig.folder, "shown.png");
  await writeFile(file, png);
  const decode = ["-v", "error", "-i", file, "-vf", "crop=iw-40:ih-40,format=gray", "-f", "rawvideo", "-"];
  const gray = await run("ffmpeg", decode);
  return gray.filter((value) => value > 60 && value < 195).length / gray.length;
}

test("an agent sees the own call and who watched it, and nothing that is not for agents", async () => {
  // The names of the made call: Ann and Bob take part, Cem does not.
  const ann = await signUp(rig.url, "ann@contoso.com", { role: "agent", agentId: "ann@contoso.com" });
  await signUp(rig.url, "cem@contoso.com", { role: "agent", agentId: "cem@contoso.com" });
  const boss = await signUp(rig.url, "boss@contoso.com", { role: "viewer" });
  expect(await boss.client.status("GET", "/v1/interactions/transfer-1")).toBe(200);
  const signIn = async (name: string) => {
    const watched = await openPage(opened.browser);
    await watched.page.goto(`${rig.url}/`);
    await watched.page.getByLabel("Name").fill(name);
    await watched.page.getByLabel("Password").fill(OWN_PASSWORD);
    await watched.page.getByRole("button", { name: "Sign in", exact: true }).click();
    return watched;
  };
  await using own = await signIn("ann@contoso.com");
  const { page, faults } = own;
  await page.locator('tr.call[data-interaction="transfer-1"] a').click();
  await page.locator("canvas.waveform").waitFor();
  expect(await page.getByRole("tab").allTextContents()).toEqual(["Events", "Audit"]);
  expect(await page.locator("nav.tabs a").allTextContents()).toEqual(["Interactions", "Live"]);
  for (const name of ["Legal hold", "Export"]) expect(await page.getByText(name).count()).toBe(0);
  await page.getByRole("tab", { name: "Audit" }).click();
  await expect
    .poll(async () => await page.locator(".audit-what").allTextContents(), WITHIN)
    .toContain("Viewed · boss@contoso.com");
  // The answer that had the sign-in page.
  expect(faults).toEqual([expect.stringContaining("401")]);

  // Every view is an entry: of the page by a link to a moment, and of a file without the page, once each in ten minutes.
  await using link = await openPage(opened.browser, { storageState: await page.context().storageState() });
  await link.page.goto(`${rig.url}/interactions/sides-1#t=3`);
  await link.page.locator("video").waitFor();
  for (let time = 0; time < 2; time++)
    expect(await boss.client.status("GET", "/v1/interactions/sides-1/files/sides.m4a")).toBe(200);
  const { items } = (
    await ReplayClient.admin(rig.url).ask("GET", "/v1/interactions/sides-1/audit")
  ).json() as { items: { who: string; action: string; detail: string }[] };
  const entries = items.map(
    ({ who, action, detail }) => `${who} ${action} ${detail.replace(/ ?from .*/, "")}`,
  );
  expect(entries.filter((entry) => entry === "ann@contoso.com viewed ").length).toBe(1);
  expect(entries.filter((entry) => entry === "boss@contoso.com viewed sides.m4a").length).toBe(1);
  expect(ann.id).not.toBe(boss.id);

  await using other = await signIn("cem@contoso.com");
  await other.page.locator(".page-note h1").waitFor();
  expect(await other.page.locator("tr.call").count()).toBe(0);
  await other.page.goto(`${rig.url}/interactions/transfer-1`);
  await other.page.getByText("This interaction is not here").waitFor();
});

test("back from a call is to the list as it was left: what was chosen, and where it was scrolled to", async () => {
  for (let index = 0; index < 60; index++) {
    const startedAt = new Date(Date.UTC(2026, 1, 1, 8, index)).toISOString();
    const call = { direction: "outbound", customer: `+49 30 ${1_000 + index}`, queue: "Sales" };
    rig.catalogue.put(madeInteraction(`many-${index}`, { startedAt, call }), MADE_PLACE);
  }
  await using watched = await opened.signIn("viewer");
  const { page, faults } = watched;
  await page.goto(`${rig.url}/?q=Sales`);
  const row = page.locator('tr.call[data-interaction="many-20"] a');
  const top = () =>
    page.locator(".results").evaluate((list: unknown) => (list as { scrollTop: number }).scrollTop);
  await page.locator("tr.call").first().waitFor();
  await page
    .locator(".results")
    .evaluate((list: unknown) => ((list as { scrollTop: number }).scrollTop = 1_500));
  await row.waitFor();
  const before = await top();
  expect(before).toBeGreaterThan(1_000);
  await row.click();
  await page.locator("main.player").waitFor();
  await page.getByRole("link", { name: "Interactions" }).and(page.locator(".back")).click();
  await row.waitFor();
  expect(page.url()).toBe(`${rig.url}/?q=Sales`);
  await expect.poll(async () => Math.abs((await top()) - before)).toBeLessThan(60);
  expect(faults).toEqual([]);
});

test("what is missing or damaged beside a call is named, and the call plays on without it", async () => {
  const { folder, catalogue } = rig;
  await writeFile(join(folder, "broken-peaks.json"), `{"format":"deskreel.peaks/1"`);
  await writeFile(join(folder, "pictures.json"), `{"format":"deskreel.pictures/0"}`);
  const { screens, audio, artefacts } = transfer;
  const damagedPeaks = { ...(await listFile(folder, "broken-peaks.json")), name: "peaks.json" };
  const damaged = [damagedPeaks, await listFile(folder, "pictures.json")];
  const sheets = artefacts.filter(({ name }) => name.startsWith("thumbnails"));
  const whole = { ...transfer.manifest, interactionId: "broken-1" };
  catalogue.put({ ...whole, files: [audio, ...screens, ...damaged, ...sheets] }, MADE_PLACE);
  await rm(join(folder, "thumbnails-2-1.jpg"));
  await truncate(join(folder, "screen-2.mp4"), 1_000);
  await using watched = await opened.signIn("viewer");
  const { page } = watched;
  await page.goto(`${rig.url}/interactions/broken-1`);
  const alert = page.getByRole("alert");
  await alert.getByText("Without a waveform: peaks.json cannot be read.").waitFor();
  await alert.getByText("Some small pictures are missing: thumbnails-2-1.jpg cannot be loaded.").waitFor();
  await page.getByText("screen-2.mp4 cannot be played", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(() => page.locator(".position").innerText(), WITHIN).toBe("00:03 / 00:12");
  // Nobody needs the pictures' times before a step, and it goes on without them.
  await expect.poll(() => alert.getByText("pictures.json").count()).toBe(0);
  await page.keyboard.press("Home");
  await page.keyboard.press(".");
  await alert
    .getByText("Steps from picture to picture may pass some over: pictures.json cannot be read.")
    .waitFor();
  const position = `document.querySelector('[data-file="screen-1.mp4"] video').currentTime`;
  await expect.poll(() => page.evaluate(position), WITHIN).toBe(0.2);
  // The other screen's small pictures are there all the same.
  const box = await page.locator(".wave .row-track").boundingBox();
  if (box === null) throw new Error("there is no timeline");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.locator('.hover-preview canvas[data-shows^="thumbnails-1-1.jpg"]').waitFor();
});
