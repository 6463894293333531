import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { RecorderState } from "../domain/live-view.ts";
import { madeDesktops, madeManyCalls, QUIET_RECORDER } from "../rig/made-live.ts";
import { bringAxe, violationsInBoth } from "./rig/axe.ts";
import { openPage } from "./rig/browser.ts";
import { madeInteraction } from "./rig/made-interactions.ts";
import { offerTransfer, openPageRig, type PageRig } from "./rig/page-rig.ts";
import { ReplayClient } from "./rig/replay-client.ts";
import { MADE_PLACE, type ReplayRig, VIEWER } from "./rig/replay-rig.ts";

let opened: PageRig;
let rig: ReplayRig;
/** What the recorders tell. */
let live: RecorderState[] = [];

beforeAll(async () => {
  opened = await openPageRig(bundleReplay, { live: { read: () => Promise.resolve(live) } });
  ({ rig } = opened);
  await offerTransfer(rig);
  rig.catalogue.put(madeInteraction("partial-1", { coverage: "partial" }), MADE_PLACE);
  const missed = { startedAt: "2026-03-02T11:00:00.000Z", coverage: "not-recorded" } as const;
  rig.catalogue.put(madeInteraction("missed-1", missed), MADE_PLACE);
  // A view, for the audit.
  await fetch(`${rig.url}/v1/interactions/partial-1`, { headers: VIEWER });
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

/** Two recorders: one with a call of each kind, and one that has fallen silent. */
function busyRecorders(): RecorderState[] {
  const now = Date.now();
  const quiet = { ...QUIET_RECORDER, at: formatInstant(now) };
  const answer = { ...quiet, calls: madeManyCalls(now), agents: madeDesktops(now) };
  return [
    { name: "rec1.contoso.com:7400", answer, answeredAt: now, fault: null },
    { name: "rec2.contoso.com:7400", answer: quiet, answeredAt: now - 75_000, fault: "it did not answer" },
  ];
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

/**
 * The words of each language in one appearance, and the colours of both: what axe finds depends on no pair of them that
 * is not among these.
 */
test.each([
  ["light", "en-US"],
  ["dark", "de-DE"],
] as const)("no view keeps anybody out: %s, %s", { timeout: 300_000 }, async (colorScheme, locale) => {
  const made = await ReplayClient.admin(rig.url).ask("POST", "/v1/accounts", { name: locale, role: "admin" });
  const { password } = made.json() as { password: string };
  await using watched = await openPage(opened.browser, { locale, colorScheme, reducedMotion: "reduce" });
  const { page } = watched;
  await bringAxe(page);
  const found: Record<string, string[]> = {};
  const see = async (view: string) => {
    found[view] = await violationsInBoth(page, colorScheme);
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
  await show("/audit", ".audit-table td");
  await see("audit");
  await walk("audit");
  live = [];
  await show("/live", ".page-note h1, .page-note h2");
  await see("live, nothing");
  live = busyRecorders();
  await show("/live", "tr.live-call");
  await see("live");
  await walk("live");
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
  expect(Object.keys(found).length).toBeGreaterThanOrEqual(16);
});
