import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { launchChromium, openPage } from "./rig/browser.ts";
import { madeInteraction } from "./rig/made-interactions.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, TOKENS, VIEWER } from "./rig/replay-rig.ts";

let pageFolder: string;
let rig: ReplayRig;
let browser: Browser;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  await bundleReplay(pageFolder);
  rig = await openReplayRig({ pageFolder });
  rig.catalogue.put(madeInteraction("partial-1", { coverage: "partial" }), MADE_PLACE);
  rig.catalogue.put(madeInteraction("recorded-1"), MADE_PLACE);
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
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

/** Every view, and what is there when it is. */
const VIEWS: readonly { path: string; ready: string }[] = [
  { path: "/", ready: "tr.call" },
  { path: "/?q=nothing&from=2026-01-01T00:00:00Z&attribute=a:b", ready: ".page-note h1" },
  { path: "/coverage?day=2026-03-02", ready: "tr.call" },
  { path: "/coverage?day=2026-03-01&word=partial", ready: ".page-note h1" },
  { path: "/audit", ready: "table.audit td" },
  { path: "/accounts", ready: "form.add-account" },
];

test.each([
  ["light", "en-US"],
  ["dark", "de-DE"],
] as const)("no view keeps anybody out: %s, %s", async (colorScheme, locale) => {
  await using watched = await openPage(browser, { colorScheme, locale });
  const { page, faults } = watched;
  await page.goto(`${rig.url}/?token=${TOKENS.admin}`);
  const found: Record<string, string[]> = {};
  for (const { path, ready } of VIEWS) {
    await page.goto(`${rig.url}${path}`);
    await page.locator(ready).first().waitFor();
    found[path] = await violationsIn(page);
  }
  await page.goto(`${rig.url}/`);
  await page.locator("header button[aria-haspopup=menu]").click();
  await page.getByRole("menu").waitFor();
  found["menu"] = await violationsIn(page);
  expect(found).toEqual(Object.fromEntries([...VIEWS.map(({ path }) => [path, []]), ["menu", []]]));
  expect(faults).toEqual([]);
});
