import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { launchChromium, openPage } from "./rig/browser.ts";
import { makePeaks } from "./rig/made-artefacts.ts";
import { madeInteraction, madeTransfer } from "./rig/made-interactions.ts";
import { makeAudio, makeScreen } from "./rig/made-media.ts";
import { ReplayClient } from "./rig/replay-client.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, VIEWER } from "./rig/replay-rig.ts";

let pageFolder: string;
let rig: ReplayRig;
let browser: Browser;
/** The whole of axe as a script; Playwright's own wrapper of it opens a further page for each look. */
let axe: string;

beforeAll(async () => {
  const wrapper = createRequire(import.meta.resolve("@axe-core/playwright"));
  axe = await readFile(wrapper.resolve("axe-core/axe.min.js"), "utf8");
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  await bundleReplay(pageFolder);
  rig = await openReplayRig({ pageFolder });
  const { folder, catalogue } = rig;
  const audio = await makeAudio(folder, "audio.m4a", 12);
  const screens = [
    await makeScreen(folder, "screen-1.mp4", 12, "160x90"),
    await makeScreen(folder, "screen-2.mp4", 6, "160x90"),
  ] as const;
  const transfer = madeTransfer(audio, screens);
  const files = [...transfer.files, await makePeaks(folder, 12, [[2, 6]])];
  catalogue.put({ ...transfer, files }, MADE_PLACE);
  catalogue.put(madeInteraction("partial-1", { coverage: "partial" }), MADE_PLACE);
  const missed = { startedAt: "2026-03-02T11:00:00.000Z", coverage: "not-recorded" } as const;
  catalogue.put(madeInteraction("missed-1", missed), MADE_PLACE);
  // A view, for the audit.
  await fetch(`${rig.url}/v1/interactions/partial-1`, { headers: VIEWER });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

/** What axe finds wrong, a line each: the rule and where. */
async function violationsIn(page: Page): Promise<string[]> {
  return await page.evaluate(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))))`);
}

/**
 * Goes through a page by the Tab key: what cannot be reached, what is reached in another order than it stands in the
 * page, and where one cannot see where one is.
 */
async function keyboardFaultsIn(page: Page): Promise<string[]> {
  await page.evaluate(`(() => {
    document.activeElement?.blur();
    const name = (element) => (element.getAttribute("aria-label") || element.textContent || element.name || element.id).trim().slice(0, 40) + " <" + element.localName + ">";
    const isShown = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
    // One of a group of radio buttons stands for all of them.
    const isOther = (element) => element.type === "radio" && !element.checked && document.querySelector('input[type=radio][name="' + element.name + '"]:checked') !== null;
    const wanted = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
      .filter((element) => element.tabIndex >= 0 && !element.disabled && element.type !== "hidden" && isShown(element) && !isOther(element));
    const reached = [];
    const unseen = [];
    const looks = (element) => ["", "::before", "::after"].map((part) => {
      const { outlineStyle, outlineWidth, boxShadow, backgroundColor, borderColor } = getComputedStyle(element, part || null);
      return [outlineStyle !== "none" && outlineWidth !== "0px", boxShadow, backgroundColor, borderColor].join();
    }).join();
    const around = (element) => [element, element.closest("tr, .suggested, .search, label") ?? element].map(looks).join();
    const before = new Map(wanted.map((element) => [element, around(element)]));
    addEventListener("focusin", ({ target }) => {
      reached.push(target);
      if (before.has(target) && around(target) === before.get(target)) unseen.push(name(target));
    });
    globalThis.faults = () => {
      const order = reached.filter((element, index) => index > 0 && element !== document.body && (reached[index - 1].compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING) !== 0);
      return JSON.stringify([
        ...wanted.filter((element) => !reached.includes(element)).map((element) => "not reached: " + name(element)),
        // From the last to the first again is one step back.
        ...order.slice(1).map((element) => "out of order: " + name(element)),
        ...unseen.map((text) => "not seen: " + text),
      ]);
    };
    // A date has a stop for each of its parts.
    globalThis.stops = wanted.reduce((sum, { type }) => sum + (type === "datetime-local" ? 7 : type === "date" ? 4 : 1), 2);
  })()`);
  const stops = Number(await page.evaluate("stops"));
  for (let pressed = 0; pressed < stops; pressed += 1) await page.keyboard.press("Tab");
  return JSON.parse(String(await page.evaluate("faults()"))) as string[];
}

/** Colours are the same in each language and the words in each appearance, so that two passes see all there is. */
test.each([
  ["light", "en-US"],
  ["dark", "de-DE"],
] as const)("no view keeps anybody out: %s, %s", { timeout: 300_000 }, async (colorScheme, locale) => {
  const made = await ReplayClient.admin(rig.url).ask("POST", "/v1/accounts", { name: locale, role: "admin" });
  const { password } = made.json() as { password: string };
  await using watched = await openPage(browser, { locale, colorScheme, reducedMotion: "reduce" });
  const { page } = watched;
  await page.addInitScript(axe);
  const found: Record<string, string[]> = {};
  const see = async (view: string) => {
    found[view] = await violationsIn(page);
  };
  const walk = async (view: string) => {
    if (locale === "en-US") found[`${view}, by keys`] = await keyboardFaultsIn(page);
  };
  const show = async (path: string, ready: string) => {
    await page.goto(rig.url + path);
    await page.locator(ready).first().waitFor();
  };
  const press = (name: string) => page.locator(name).click();

  await show("/", "#password");
  await page.locator("#name").fill(locale);
  await page.locator("#password").fill("wrong");
  await press("button.primary");
  await page.locator(".refused").waitFor();
  await see("sign-in");
  await walk("sign-in");
  await page.locator("#name").fill(locale);
  await page.locator("#password").fill(password);
  await press("button.primary");
  await page.locator("#repeat").waitFor();
  await see("password");
  await walk("password");
  await page.locator("#current").fill(password);
  await page.locator("#password").fill(`a sentence of ${locale}`);
  await page.locator("#repeat").fill(`a sentence of ${locale}`);
  await press("button.primary");

  await page.locator("tr.call").first().waitFor();
  await walk("find");
  await press("header button[aria-haspopup=menu]");
  await page.getByRole("menu").waitFor();
  await see("find, with the menu");
  await show("/?q=nothing&from=2026-01-01T00:00:00Z&attribute=a:b&sort=-durationMs", ".page-note h1");
  await walk("find, nothing");
  await page.locator(".suggested input").first().click();
  await page.getByRole("listbox").getByRole("option").first().waitFor();
  await see("find, nothing, with suggestions");
  await page.route("**/v1/interactions?*", (route) => route.abort());
  await show("/", ".page-note[role=alert]");
  await see("find, broken");
  await page.unroute("**/v1/interactions?*");
  await show("/coverage?day=2026-03-02", "tr.call");
  await see("coverage");
  await walk("coverage");
  await show("/coverage?day=2026-03-01&word=partial", ".page-note h1");
  await see("coverage, nothing");
  await show("/audit", "table.audit td");
  await see("audit");
  await walk("audit");
  await show("/accounts", "form.add-account");
  await see("accounts");
  await walk("accounts");

  await show("/interactions/transfer-1#t=7.5", "canvas.waveform");
  for (const tab of await page.getByRole("tab").all()) {
    await tab.click();
    await see(`play, ${await tab.getAttribute("id")}`);
  }
  await page.keyboard.press("d");
  await page.keyboard.press("v");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  await see("play, help and measurements");
  await show("/interactions/none-1", ".page-note h1");
  await see("play, nothing");
  expect(Object.entries(found).filter(([, faults]) => faults.length > 0)).toEqual([]);
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(14);
});
