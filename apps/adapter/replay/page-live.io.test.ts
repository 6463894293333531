import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { Live, LiveCall } from "#shared/api/live.ts";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import type { RecorderState } from "../domain/live-view.ts";
import { madeCall, madeDesktops, madeManyCalls, QUIET_RECORDER } from "../rig/made-live.ts";
import type { WatchedPage } from "./rig/browser.ts";
import { madeInteraction } from "./rig/made-interactions.ts";
import { openPageRig, type PageRig } from "./rig/page-rig.ts";
import { MADE_PLACE, type ReplayRig } from "./rig/replay-rig.ts";

let opened: PageRig;
let rig: ReplayRig;
/** What the recorder says when it is asked, and how often it was. */
const told: { calls: LiveCall[]; more: Partial<Live>; reads: number } = {
  ...{ calls: [], more: {}, reads: 0 },
};

function read(): Promise<RecorderState[]> {
  told.reads += 1;
  const at = new Date().toISOString();
  const answer = { ...QUIET_RECORDER, at, calls: told.calls, ...told.more };
  return Promise.resolve([{ name: "rec1.contoso.com:7400", answer, answeredAt: Date.now(), fault: null }]);
}

beforeAll(async () => {
  opened = await openPageRig(bundleReplay, { live: { read } });
  ({ rig } = opened);
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

beforeEach(() => {
  Object.assign(told, { calls: [], more: {}, reads: 0 });
});

const MACHINES: Partial<Live> = {
  ...{ agents: madeDesktops(Date.now()), handoff: { waiting: 2, refused: 0 } },
};

async function openLive(): Promise<WatchedPage> {
  const watched = await opened.signIn("admin");
  await watched.page.goto(`${rig.url}/live`);
  return watched;
}

test("tells of each call what comes in, and why nothing does", async () => {
  await using watched = await openLive();
  const { page, faults } = watched;
  await page.getByRole("heading", { name: "Nobody is recorded now" }).waitFor();
  Object.assign(told, { calls: madeManyCalls(Date.now()), more: MACHINES });
  await page.getByRole("status").getByText("6 calls are under way").waitFor();
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
  const shown = await page.getByRole("region", { name: "Recorders" }).innerText();
  expect(shown).toMatch(/rec1\.contoso\.com:7400\s+answers.*231 GiB free.*2 recordings wait/s);
  expect(shown).toMatch(/1 desktop is connected without a call.*hana\.sato@contoso\.com.*PC-0817/s);
  expect(shown).not.toContain("PC-0818");
  expect(faults).toEqual([]);
});

test("rows stay in place, and a call that has ended leads to its interaction once that is there", async () => {
  told.calls = [madeCall("ann", "s1", 60), madeCall("bob", "s2", 30)];
  await using watched = await openLive();
  const { page } = watched;
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
  await using watched = await openLive();
  const { page } = watched;
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
