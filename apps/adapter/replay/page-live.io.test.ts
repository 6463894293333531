import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Live, LiveCall } from "#shared/api/live.ts";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import type { RecorderState } from "../domain/live-view.ts";
import { madeCall, madeLiveScreen, QUIET_RECORDER } from "../rig/made-live.ts";
import { launchChromium, openPage } from "./rig/browser.ts";
import { madeInteraction } from "./rig/made-interactions.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, TOKENS } from "./rig/replay-rig.ts";

let pageFolder: string;
let rig: ReplayRig;
let browser: Browser;
/** What the recorder says when it is asked, and how often it was. */
const told: { calls: LiveCall[]; more: Partial<Live>; others: RecorderState[]; reads: number } = {
  ...{ calls: [], more: {}, others: [], reads: 0 },
};

function read(): Promise<RecorderState[]> {
  told.reads += 1;
  const at = new Date().toISOString();
  const answer = { ...QUIET_RECORDER, at, calls: told.calls, ...told.more };
  const here = { name: "rec1.contoso.com:7400", answer, answeredAt: Date.now(), fault: null };
  return Promise.resolve([here, ...told.others]);
}

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  await bundleReplay(pageFolder);
  rig = await openReplayRig({ pageFolder, live: { read } });
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

beforeEach(() => {
  Object.assign(told, { calls: [], more: {}, others: [], reads: 0 });
});

const ago = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString();

/** What there can be in a row, one each. */
function manyCalls(): LiveCall[] {
  const gap = (reason: string, agoS: number) => ({ reason, since: ago(agoS) });
  const locked = { state: "gap", gap: gap("session-locked", 45) } as const;
  const call = (agentName: string, session: string, agoS: number, change: Partial<LiveCall> = {}) => {
    const agent = `${agentName.toLowerCase().replace(" ", ".")}@contoso.com`;
    const { attributes, ...rest } = change;
    const made = madeCall(agent, session, agoS, rest);
    return { ...made, attributes: { ...made.attributes, agentName, ...attributes } };
  };
  return [
    call("Ann Agent", "s1", 612, { screens: [madeLiveScreen("1"), madeLiveScreen("2")] }),
    call("Cem Kaya", "s2", 347, {
      ...{ state: "hold", stateSince: ago(71) },
      attributes: { customer: "+49 30 1234567", queue: "Sales" },
    }),
    call("Dee Park", "s3", 301, {
      pause: { since: ago(20), endsBy: ago(-880), reason: "card number", by: "integration" },
      attributes: { customer: "+1 425 555 0133" },
    }),
    call("Eva Brandt", "s4", 240, {
      ...{ state: "wrap-up", stateSince: ago(15), screens: [madeLiveScreen("1", locked)] },
      attributes: { customer: "+49 89 5550142", queue: "Returns", direction: "outbound" },
    }),
    call("Fadi Nassar", "s5", 95, { screens: [], gap: gap("desktop-offline", 95) }),
    call("Gil Moreau", "s6", 3, {
      ...{ connectedAt: null, state: "ring", screens: [madeLiveScreen("1", { state: "waiting" })] },
    }),
  ];
}

const MACHINES: Partial<Live> = {
  agents: [
    {
      agent: "hana.sato@contoso.com",
      desktops: [
        { device: "PC-0817", state: "idle", since: ago(5_400), displays: 2, appVersion: "0.1.0" },
        { device: "PC-0818", state: "offline", since: ago(5_400), displays: 1, appVersion: "0.1.0" },
      ],
    },
  ],
  handoff: { waiting: 2, refused: 0 },
};

async function openLive(page: Page): Promise<void> {
  await page.goto(`${rig.url}/?token=${TOKENS.admin}`);
  await page.goto(`${rig.url}/live`);
}

/** What axe finds wrong, a line each: the rule and where. */
async function violationsIn(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

test.each([
  ["light", "en-US", "6 calls are under way", "Nobody is recorded now"],
  ["dark", "de-DE", "6 Anrufe laufen gerade", "Gerade wird niemand aufgezeichnet"],
] as const)("keeps nobody out: %s, %s", async (colorScheme, locale, title, none) => {
  await using watched = await openPage(browser, { colorScheme, locale });
  const { page, faults } = watched;
  await openLive(page);
  await page.getByRole("heading", { name: none }).waitFor();
  if (colorScheme === "light") expect(await violationsIn(page)).toEqual([]);
  const answeredAt = Date.now() - 75_000;
  const answer = { ...QUIET_RECORDER, at: ago(75), calls: [] };
  const fault = "http://rec2.contoso.com:7400 did not answer: connect ECONNREFUSED";
  told.others = [{ name: "rec2.contoso.com:7400", answer, answeredAt, fault }];
  Object.assign(told, { calls: manyCalls(), more: MACHINES });
  await page.getByText(title).waitFor();
  expect(await violationsIn(page)).toEqual([]);
  // For docs/images/live.png.
  const shot = process.env["DESKREEL_LIVE_SHOT"];
  if (shot !== undefined) await page.screenshot({ path: `${shot}-${colorScheme}.png` });
  expect(faults).toEqual([]);
});

test("tells of each call what comes in, and why nothing does", async () => {
  Object.assign(told, { calls: manyCalls(), more: MACHINES });
  await using watched = await openPage(browser);
  const { page } = watched;
  await openLive(page);
  await page.locator("tr.live-call").nth(5).waitFor();
  const rows = await page.locator("tr.live-call").allInnerTexts();
  const expected = [
    /Ann Agent.*Billing · inbound.*10:\d\d.*Talk.*2 screens\s+5 frames\/s · 168 kbit\/s/s,
    /Cem Kaya.*Hold\s+01:1\d.*1 screen\s+5 frames\/s/s,
    /Dee Park.*Paused: card number\s+by a connected system · since [\d:]+/s,
    /Eva Brandt.*outbound.*Wrap-up.*No picture: the desktop was locked\s+since [\d:]+/s,
    /Fadi Nassar.*No picture: the desktop was offline\s+since [\d:]+/s,
    /Gil Moreau.*Ringing.*The first picture is awaited/s,
  ];
  expect(rows.map((text, index) => expected[index]?.test(text) === true || text)).toEqual(
    rows.map(() => true),
  );
  const machines = await page.getByRole("region", { name: "Recorders" }).innerText();
  expect(machines).toMatch(/rec1\.contoso\.com:7400\s+answers.*231 GiB free.*2 recordings wait/s);
  expect(machines).toMatch(/1 desktop is connected without a call.*hana\.sato@contoso\.com.*PC-0817/s);
  expect(machines).not.toContain("PC-0818");
});

test("rows stay in place, and a call that has ended leads to its interaction once that is there", async () => {
  told.calls = [madeCall("ann", "s1", 60), madeCall("bob", "s2", 30)];
  await using watched = await openPage(browser);
  const { page } = watched;
  await openLive(page);
  const agents = () => page.locator("tr.live-call th").allInnerTexts();
  await expect.poll(agents).toEqual(["ann", "bob"]);
  told.calls = [madeCall("cem", "s3", 1), ...told.calls.slice(1)];
  await expect.poll(agents).toEqual(["ann", "bob", "cem"]);
  const ended = page.locator("tr.live-call.ended");
  expect(await ended.innerText()).toMatch(/ann.*Ended \d\d:\d\d/s);
  expect(await ended.getByRole("link").count()).toBe(0);
  rig.catalogue.put(madeInteraction("s1"), MADE_PLACE);
  await ended.getByRole("link", { name: "Play the call of +1 425 555 0100" }).click();
  await page.waitForURL(`${rig.url}/interactions/s1`);
});

test("asks while it is seen, says how old what it shows is, and is one entry of the audit", async () => {
  told.calls = [madeCall("ann", "s1", 60)];
  const entries = () =>
    rig.stores.audit.list(1_000, null).rows.filter(({ detail }) => detail.startsWith("live"));
  const before = entries().length;
  await using watched = await openPage(browser);
  const { page } = watched;
  await openLive(page);
  await expect.poll(() => told.reads, { timeout: 20_000 }).toBeGreaterThan(2);
  const setHidden = (hidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));`);
  await setHidden(true);
  // What was on its way may still come.
  await page.waitForTimeout(500);
  const readsWhenHidden = told.reads;
  await page.waitForTimeout(3_500);
  expect(told.reads).toBe(readsWhenHidden);
  await page.route("**/v1/live?*", (route) => route.abort());
  await setHidden(false);
  await page
    .getByRole("alert")
    .getByText(/^This is \d\d:\d\d old\./)
    .waitFor();
  expect(await page.locator("tr.live-call").count()).toBe(1);
  await page.unroute("**/v1/live?*");
  await expect.poll(() => page.getByRole("alert").count(), { timeout: 20_000 }).toBe(0);
  expect(entries().length - before).toBe(1);
});
