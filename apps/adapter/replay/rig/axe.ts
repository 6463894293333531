import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type { Page } from "@playwright/test";

/** What axe looks for that depends on the colours alone. */
const OF_COLOURS = ["color-contrast"];

let script: Promise<string> | null = null;

/** Has axe in each document that the page opens; Playwright's own wrapper opens a further page for each look. */
export async function bringAxe(page: Page): Promise<void> {
  const wrapper = createRequire(import.meta.resolve("@axe-core/playwright"));
  script ??= readFile(wrapper.resolve("axe-core/axe.min.js"), "utf8");
  await page.addInitScript(await script);
}

/** What axe finds wrong, a line each: the rule and where. @param rules - absent: all. */
async function violationsIn(page: Page, rules?: readonly string[]): Promise<string[]> {
  // Without its fetching style sheets and media once more, which no rule that can fail here needs.
  const options = { resultTypes: ["violations"], preload: false, ...(rules && { runOnly: rules }) };
  return await page.evaluate(`axe.run(document, ${JSON.stringify(options)}).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ": " + target.join(" "))))`);
}

/** What axe finds wrong in the page's own colours, and in those of the other appearance what only they decide. */
export async function violationsInBoth(page: Page, colorScheme: "light" | "dark"): Promise<string[]> {
  const found = await violationsIn(page);
  const other = colorScheme === "light" ? "dark" : "light";
  await page.emulateMedia({ colorScheme: other });
  found.push(...(await violationsIn(page, OF_COLOURS)).map((fault) => `${other}: ${fault}`));
  await page.emulateMedia({ colorScheme });
  return found;
}
