import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { openPage } from "./rig/browser.ts";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { openPageRig, type PageRig } from "./rig/page-rig.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, TOKENS } from "./rig/replay-rig.ts";

const CALLS = 1_000;
const AGENTS = ["Ann Agent", "Bob Lee", "Cem Kaya", "Dee Park"];
const FIRST_AT = Date.UTC(2026, 2, 2, 0, 0);
const EVERY_MS = 10 * 60_000;

let opened: PageRig;
let rig: ReplayRig;
let browser: Browser;
let pageFolder: string;

beforeAll(async () => {
  opened = await openPageRig(bundleReplay);
  ({ rig, browser, pageFolder } = opened);
  for (let index = 0; index < CALLS; index += 1) rig.catalogue.put(madeCall(index), MADE_PLACE);
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

/** One of many: a week of calls, one every ten minutes; each twentieth has a gap. */
function madeCall(index: number) {
  const name = AGENTS[index % AGENTS.length] ?? "";
  const agent = `${name.split(" ")[0]?.toLowerCase()}@contoso.com`;
  const durationMs = 60_000 + index * 100;
  const isPartial = index % 20 === 0;
  const gap = { fromMs: 20_000, toMs: 40_000, state: "gap" as const, reason: "connection-lost" };
  return madeInteraction(`call-${index}`, {
    startedAt: new Date(FIRST_AT + index * EVERY_MS).toISOString(),
    durationMs,
    coverage: isPartial ? "partial" : "recorded",
    agents: [{ agent, name }],
    call: {
      direction: index % 5 === 0 ? "outbound" : "inbound",
      customer: `+49 30 ${1_000 + index}`,
      queue: "Sales",
    },
    // The oldest is played in a test, and has no files.
    screens:
      index === 0
        ? []
        : [
            madeScreen("screen-1.mp4", 0, durationMs, {
              agent,
              coverage: isPartial ? [gap] : [{ fromMs: 0, toMs: durationMs, state: "captured" }],
            }),
          ],
  });
}

async function openFind(page: Page, path = "/"): Promise<void> {
  await page.goto(`${rig.url}/?token=${TOKENS.viewer}`);
  if (path !== "/") await page.goto(`${rig.url}${path}`);
  await page.locator("tr.call").first().waitFor();
}

const strip = (page: Page) => page.getByRole("slider", { name: "Calls over time" });
const countShown = (page: Page) => page.locator(".strip-value").innerText();
const searchOf = (page: Page) => new URL(page.url()).search;

test("what is typed narrows list and strip, stays in the address, and back undoes what was chosen", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await openFind(page);
  await expect.poll(() => countShown(page)).toBe("1,000 calls");
  await page.keyboard.press("/");
  await page.keyboard.type("bob lee", { delay: 20 });
  await expect.poll(() => countShown(page)).toBe("250 calls");
  await page.getByRole("status").getByText("250 calls").waitFor({ state: "attached" });
  expect(searchOf(page)).toBe("?q=bob+lee");
  await page.getByLabel("How completely recorded").selectOption("partial");
  await page.getByRole("heading", { name: "No call matches" }).waitFor();
  await page.getByRole("status").getByText("No call matches").waitFor({ state: "attached" });
  expect(searchOf(page)).toBe("?q=bob+lee&coverage=partial");
  await page.getByLabel("Search calls").fill("ann");
  await expect.poll(() => countShown(page)).toBe("50 calls");
  await page.locator('[data-tip="Partly recorded: connection lost"]').first().waitFor();
  await page.getByLabel("Search calls").fill("bob");
  await page.getByRole("heading", { name: "No call matches" }).waitFor();
  // All that was typed since the choice is one step, the choice is another, and so is the first typing.
  await page.goBack();
  await expect.poll(() => searchOf(page)).toBe("?q=bob+lee&coverage=partial");
  await page.goBack();
  await expect.poll(() => countShown(page)).toBe("250 calls");
  expect(await page.getByLabel("How completely recorded").inputValue()).toBe("");
  await page.goBack();
  await expect.poll(() => countShown(page)).toBe("1,000 calls");
  expect(await page.getByLabel("Search calls").inputValue()).toBe("");
  await page.goForward();
  await page.goForward();
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await expect.poll(() => countShown(page)).toBe("1,000 calls");
  expect([searchOf(page), await page.getByLabel("Search calls").inputValue(), faults]).toEqual(["", "", []]);
});

test("every filter reaches the server, and an address brings them all back", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await openFind(page);
  await page.getByRole("combobox", { name: "Agent" }).fill("cem");
  await page.getByRole("option", { name: "Cem Kaya" }).click();
  await expect.poll(() => countShown(page)).toBe("250 calls");
  await page.getByLabel("Length").selectOption("120000");
  await page.getByRole("button", { name: "More filters" }).click();
  await page.getByLabel("Direction").selectOption("outbound");
  await expect.poll(() => countShown(page)).toBe("20 calls");
  await page.getByLabel("Order").selectOption("durationMs");
  await expect.poll(() => page.locator("tr.call").first().getAttribute("data-interaction")).toBe("call-610");
  const address = searchOf(page);
  await page.goto("about:blank");
  await page.goto(`${rig.url}/${address}`);
  await expect.poll(() => page.locator("tr.call").first().getAttribute("data-interaction")).toBe("call-610");
  await expect.poll(() => countShown(page)).toBe("20 calls");
  expect(await page.getByLabel("Direction").inputValue()).toBe("outbound");
  await page.getByRole("button", { name: "Agent: All agents" }).click();
  await expect.poll(() => countShown(page)).toBe("80 calls");
  await page.getByLabel("Customer (whole number)").fill("+49 30 1700");
  await page.keyboard.press("Enter");
  await expect.poll(() => countShown(page)).toBe("1 call");
  expect(faults).toEqual([]);
});

test("a dragged stretch of the strip narrows the list to it, and keys do so too", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await openFind(page);
  await expect.poll(() => countShown(page)).toBe("1,000 calls");
  const box = await strip(page).boundingBox();
  if (box === null) throw new Error("the strip is not there");
  const middle = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width * 0.25, middle);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, middle, { steps: 4 });
  await page.mouse.up();
  await expect.poll(() => searchOf(page)).toMatch(/^\?from=[^&]+&to=[^&]+$/);
  const newest = async () => {
    const id = await page.locator("tr.call").first().getAttribute("data-interaction");
    return Math.round((10 * Number(id?.slice("call-".length))) / CALLS);
  };
  await expect.poll(newest).toBe(5);
  await page.getByRole("button", { name: "Whole time" }).click();
  await expect.poll(() => countShown(page)).toBe("1,000 calls");

  await strip(page).focus();
  await page.keyboard.press("End");
  const spoken = () => strip(page).getAttribute("aria-valuetext");
  await expect.poll(spoken).toMatch(/calls?$/);
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  const marked = (await spoken())?.split(": ").at(-1);
  await page.keyboard.press("Enter");
  await expect.poll(() => countShown(page)).toBe(marked);
  await page.keyboard.press("Escape");
  await expect.poll(() => searchOf(page)).toBe("");
  expect(faults).toEqual([]);
});

test("the list has no end but the last call, few rows at a time, and goes by keys", async () => {
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await openFind(page);
  const rows = page.locator("tr.call");
  await page.getByLabel("Search calls").press("ArrowDown");
  await expect.poll(() => page.locator(":focus").getAttribute("href")).toBe("/interactions/call-999");
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => page.locator(":focus").getAttribute("href")).toBe("/interactions/call-998");
  // What is explained when it is pointed at, keys show of the whole row.
  await expect.poll(() => page.getByRole("tooltip").innerText()).toMatch(/^Complete · 1 screen · ring /);
  let most = 0;
  await expect
    .poll(
      async () => {
        await page.keyboard.press("End");
        most = Math.max(most, await rows.count());
        return page.locator(":focus").getAttribute("href");
      },
      { interval: 100, timeout: 90_000 },
    )
    .toBe("/interactions/call-0");
  expect(most).toBeLessThan(80);
  const top = () =>
    page.locator(".results").evaluate((list: unknown) => (list as { scrollTop: number }).scrollTop);
  const before = await top();
  await page.keyboard.press("Enter");
  await page.waitForURL("**/interactions/call-0");
  await page.goBack();
  await page.locator('[data-interaction="call-0"]').waitFor();
  expect(await top()).toBe(before);
  expect(faults).toEqual([]);
});

test("what is being read stays where it is when a call comes in above it", async () => {
  await using own = await openReplayRig({ pageFolder });
  for (let index = 0; index < 60; index += 1) own.catalogue.put(madeCall(index), MADE_PLACE);
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await page.goto(`${own.url}/?token=${TOKENS.viewer}`);
  const read = page.locator('[data-interaction="call-30"]');
  await page.locator(".results").hover();
  await page.mouse.wheel(0, 29 * 48);
  await read.getByRole("link").focus();
  const before = await read.boundingBox();
  own.catalogue.put(madeCall(60), MADE_PLACE);
  await expect.poll(() => countShown(page)).toBe("61 calls");
  expect(await read.boundingBox()).toEqual(before);
  expect(await read.getByRole("link").evaluate((link) => link.matches(":focus"))).toBe(true);
  expect(faults).toEqual([]);
});

test("an empty list says what to do, and a placed call appears in it by itself", async () => {
  const placeCall = () => Promise.resolve({ interactionId: "placed-1" });
  await using empty = await openReplayRig({ pageFolder, placeCall });
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  await page.goto(`${empty.url}/?token=${TOKENS.viewer}`);
  await page.getByText("No calls yet").waitFor();
  await page.getByRole("button", { name: "Place a call" }).click();
  await page.getByText("The call is running").waitFor();
  empty.catalogue.put(madeInteraction("placed-1", { coverage: "not-recorded" }), MADE_PLACE);
  await page.locator('tr.marked[data-interaction="placed-1"]').waitFor();
  await expect.poll(() => page.getByText("The call is running").count()).toBe(0);
  expect(await page.locator('[data-tip="Not recorded"]').count()).toBe(1);
  expect(faults).toEqual([]);
});

test("a server that is away is said to be, and the list comes when it is back", async () => {
  await using watched = await openPage(browser);
  const { page } = watched;
  await openFind(page);
  await page.route("**/v1/interactions*", (route) => route.abort());
  await page.getByRole("status").getByText("Deskreel does not answer. Trying again…").waitFor();
  expect(await page.locator("tr.call").count()).toBeGreaterThan(0);
  await page.reload();
  await page.getByRole("alert").getByText("Deskreel does not answer.").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.unroute("**/v1/interactions*");
  await page.locator("tr.call").first().waitFor();
});
