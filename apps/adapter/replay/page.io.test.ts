import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { listenHttp } from "#shared/http/listen.ts";
import { expectInSync, openPage } from "./rig/browser.ts";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { listFile } from "./rig/made-media.ts";
import { offerTransfer, openPageRig, type PageRig } from "./rig/page-rig.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, TOKENS } from "./rig/replay-rig.ts";

let opened: PageRig;
let rig: ReplayRig;
let browser: Browser;

beforeAll(async () => {
  opened = await openPageRig(bundleReplay);
  ({ rig, browser } = opened);
  const { folder, catalogue } = rig;
  const { screens, manifest } = await offerTransfer(rig);
  await writeFile(join(folder, "damaged.mp4"), "this is no video");
  await writeFile(join(folder, "damaged.m4a"), "this is no audio");
  const parts = manifest.audio?.parts ?? [];
  catalogue.put(
    madeInteraction("damaged-1", {
      startedAt: "2026-03-01T10:00:00.000Z",
      audio: { file: "damaged.m4a", parts },
      screens: [madeScreen("damaged.mp4", 0, 12_000), madeScreen("screen-2.mp4", 3_000, 6_000)],
      files: [await listFile(folder, "damaged.mp4"), await listFile(folder, "damaged.m4a"), screens[1]],
    }),
    MADE_PLACE,
  );
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${rig.url}${path}?token=${TOKENS.viewer}`);
}

async function waitForPosition(page: Page, atLeastS: number): Promise<void> {
  const position = () =>
    page.locator("audio").evaluate((audio: unknown) => (audio as { currentTime: number }).currentTime);
  await expect.poll(position, { timeout: 20_000, interval: 50 }).toBeGreaterThanOrEqual(atLeastS);
}

test("the printed link opens the list, and a call in it the player", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await open(page, "/");
  expect(page.url()).toBe(`${rig.url}/`);
  await page.getByRole("link", { name: "10:02" }).click();
  expect(new URL(page.url()).pathname).toBe("/interactions/transfer-1");
  await page.getByText("Ann Agent", { exact: true }).first().waitFor();
  await page.goBack();
  await page.getByRole("link", { name: "10:02" }).waitFor();
  expect(await page.locator("tr.call").count()).toBe(2);
  expect(faults).toEqual([]);
});

test("sound and screens play as one, also after a jump and at another speed", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await open(page, "/interactions/transfer-1");
  await page.getByRole("button", { name: "Play" }).click();
  await waitForPosition(page, 2);
  await expectInSync(page, { "screen-1.mp4": 0 });

  await page.getByRole("button", { name: "00:05 Connected · Bob Lee" }).click();
  await waitForPosition(page, 6.5);
  await expectInSync(page, { "screen-1.mp4": 0, "screen-2.mp4": 4_000 });

  await page.getByLabel("Speed").selectOption("1.5");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "00:05 Connected · Bob Lee" }).click();
  await page.keyboard.press("Space");
  await waitForPosition(page, 8);
  await expectInSync(page, { "screen-1.mp4": 0, "screen-2.mp4": 4_000 });

  expect(faults).toEqual([]);
});

test("a screen outside its own time says when it starts and ended, a gap says why", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  await open(page, "/interactions/transfer-1");
  const bob = page.locator('[data-file="screen-2.mp4"]');
  await bob.getByText("Starts at 00:04").waitFor();
  await page.getByRole("button", { name: "00:10 Available again · Bob Lee" }).click();
  await bob.getByText("Ended at 00:10").waitFor();
  for (let jump = 0; jump < 3; jump++) await page.keyboard.press("ArrowLeft");
  await page.getByText("00:00 / 00:12").waitFor();
  await page.locator(".cover.gap").first().click();
  await bob.getByText("No picture: connection lost").waitFor();
});

test("playing goes on to the end and begins anew from there", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await open(page, "/interactions/transfer-1");
  await page.getByRole("button", { name: "00:10 Available again · Bob Lee" }).click();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByText("00:12 / 00:12").waitFor();
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("00:01 / 00:12").waitFor();
  expect(faults).toEqual([]);
});

test("a screen can be enlarged and put back", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  await open(page, "/interactions/transfer-1");
  const widthOf = async (file: string) =>
    (await page.locator(`[data-file="${file}"] video`).boundingBox())?.width ?? 0;
  const before = await widthOf("screen-1.mp4");
  await page.locator('[data-file="screen-1.mp4"]').getByRole("button", { name: "Show large" }).click();
  expect((await widthOf("screen-1.mp4")) / before).toBeGreaterThan(1.3);
  expect((await widthOf("screen-2.mp4")) / before).toBeLessThan(0.7);
  await page.keyboard.press("Escape");
  expect(await widthOf("screen-1.mp4")).toBe(before);
});

test("media that cannot be played are named, and the others play on without them", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  await open(page, "/interactions/damaged-1");
  await page.getByText("damaged.mp4 cannot be played", { exact: true }).waitFor();
  await page.getByRole("alert").getByText("damaged.m4a cannot be played.").waitFor();
  await page.getByRole("button", { name: "Play" }).click();
  await page.getByText("00:05 / 00:12").waitFor();
  const healthy = page.locator('[data-file="screen-2.mp4"] video');
  expect(
    await healthy.evaluate((video: unknown) => (video as { currentTime: number }).currentTime),
  ).toBeGreaterThan(1);
});

test("an hour of which nothing was recorded can be read and walked through, whatever names are in it", async () => {
  const markup = `<img src=x onerror="document.title='run'"><script>document.title='run'</script>`;
  await using own = await openReplayRig({ pageFolder: opened.pageFolder });
  own.catalogue.put(
    madeInteraction("hour-1", {
      startedAt: "2026-02-28T10:00:00.000Z",
      durationMs: 3_600_000,
      coverage: "not-recorded",
      call: { customer: markup, queue: markup },
      agents: [{ agent: "ann@contoso.com", name: markup.repeat(8) }],
    }),
    MADE_PLACE,
  );
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await page.goto(`${own.url}/?token=${TOKENS.viewer}`);
  await expect.poll(() => page.locator("tr.call[data-interaction=hour-1]").innerText()).toContain(markup);
  const right = await page.locator("tr.call[data-interaction=hour-1] .recorded").evaluate((cell: unknown) => {
    return (cell as { getBoundingClientRect(): { right: number } }).getBoundingClientRect().right;
  });
  expect(right).toBeLessThanOrEqual(page.viewportSize()?.width ?? 0);
  await page.locator("tr.call a").click();
  await expect.poll(() => page.locator(".position").innerText()).toBe("00:00 / 1:00:00");
  await page.getByRole("slider").focus();
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.locator(".position").innerText()).toBe("00:10 / 1:00:00");
  await page.keyboard.press("Space");
  await expect.poll(() => page.locator(".position").innerText(), { timeout: 10_000 }).toBe("00:11 / 1:00:00");
  expect([await page.title(), faults]).toEqual(["2026-02-28 10:00 · Deskreel", []]);
});

test("a wrong token leads to a form, and the right one from there to the page that was wanted", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  await page.goto(`${rig.url}/interactions/transfer-1?token=wrong#t=7`);
  await page.getByText("This token is not valid here.").waitFor();
  await page.getByLabel("Token", { exact: true }).fill(TOKENS.viewer);
  await page.getByRole("button", { name: "Sign in with a token" }).click();
  await page.getByText("+1 425 555 0100 · Billing · 00:12 · 2 screens").waitFor();
  // The moment of a link outlives signing in.
  expect(page.url()).toBe(`${rig.url}/interactions/transfer-1#t=7`);
  await expect.poll(() => page.locator(".position").innerText()).toMatch(/^00:07/);
});

test("a link on another site leads in, with the token at first and with the session later", async () => {
  await using chat = await listenHttp("chat", { host: "127.0.0.1", port: 0 }, (_request, response) => {
    response.setHeader("Content-Type", "text/html");
    const wanted = `${rig.url}/interactions/transfer-1`;
    response.end(`<a href="${wanted}?token=${TOKENS.viewer}">first</a> <a href="${wanted}">later</a>`);
  });
  await using watched = await openPage(browser);
  const { page } = watched;
  for (const name of ["first", "later"]) {
    // Another name of the same machine is another site.
    await page.goto(`http://localhost:${chat.port}/`);
    await page.getByRole("link", { name }).click();
    await page.getByText("+1 425 555 0100 · Billing · 00:12 · 2 screens").waitFor();
    expect(page.url()).toBe(`${rig.url}/interactions/transfer-1`);
  }
});

test("signing out ends at the sign-in page", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  await open(page, "/");
  await page.getByRole("button", { name: "Viewer" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByText("You are not signed in").waitFor();
});

test("the menu changes language and appearance, for the next visit too, and goes by keys", async () => {
  await using watched = await openPage(browser, { locale: "de-AT", colorScheme: "dark" });
  const { page, faults } = watched;
  await open(page, "/");
  const face = page.getByRole("button", { name: "Betrachter: Konto und Einstellungen" });
  await face.focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.getByRole("menuitemradio", { name: "Wie das System" }).isVisible()).toBe(true);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  const groundOf = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  await expect.poll(groundOf).toBe("rgb(244, 245, 247)");
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await page.getByRole("link", { name: "Interactions", exact: true }).waitFor();
  await page.keyboard.press("Escape");
  expect(await page.getByRole("menu").count()).toBe(0);
  await page.reload();
  await page.getByRole("link", { name: "Interactions", exact: true }).waitFor();
  expect([await groundOf(), faults]).toEqual(["rgb(244, 245, 247)", []]);
});

test("an interaction that is not there is said to be missing", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  await open(page, "/interactions/nothing-1");
  await page.getByText("This interaction is not here").waitFor();
});
