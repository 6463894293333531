import type { Page } from "@playwright/test";
import { expect } from "@playwright/test";
import type { FirefoxPage } from "./firefox.ts";

/** A browser as the tour needs it, whichever it is. */
type Tourist = Pick<FirefoxPage, "goto" | "evaluate" | "press" | "click" | "hover">;

/** Chromium's page as a {@link Tourist}. */
export function chromiumTourist(page: Page): Tourist {
  const middleOf = async (element: string): Promise<[number, number]> => {
    const middle = await page.evaluate<string>(`(() => {
      const element = ${element};
      element.scrollIntoView({ block: "center" });
      const { x, y, width, height } = element.getBoundingClientRect();
      return JSON.stringify([x + width / 2, y + height / 2]);
    })()`);
    return JSON.parse(middle) as [number, number];
  };
  return {
    goto: async (url) => void (await page.goto(url)),
    evaluate: (expression) => page.evaluate(expression),
    press: (keys) => page.keyboard.press(keys),
    click: async (element) => page.mouse.click(...(await middleOf(element))),
    hover: async (element) => page.mouse.move(...(await middleOf(element))),
  };
}

/** What the tour goes through. */
interface TouredCall {
  url: string;
  interactionId: string;
  /** What is typed to find it. */
  queue: string;
  /** Where its only screen begins, in ms on the timeline. */
  offsetMs: number;
}

const IN_SYNC_WITHIN_S = 0.04;

/** Finds a call by typing, plays it, seeks and hovers in it; fails where a person would be stuck. */
export async function tourReplay(browser: Tourist, call: TouredCall): Promise<void> {
  const { url, interactionId, queue, offsetMs } = call;
  const all = (selector: string) => `[...document.querySelectorAll(${JSON.stringify(selector)})]`;
  const first = (selector: string) => `document.querySelector(${JSON.stringify(selector)})`;
  const row = `tr.call[data-interaction="${interactionId}"]`;
  // The page before is gone for certain: it has a list, too.
  await browser.goto("about:blank");
  await browser.goto(`${url}/?q=`);
  await expect.poll(() => browser.evaluate(`${all("tr.call")}.length > 0`)).toBe(true);
  const focusSearch = `(${first("input[type=search]")}?.focus(), document.activeElement?.type ?? "")`;
  await expect.poll(() => browser.evaluate(focusSearch)).toBe("search");
  for (const letter of queue.slice(0, 4)) await browser.press(letter);
  await expect
    .poll(() => browser.evaluate(`new URLSearchParams(location.search).get("q")`))
    .toBe(queue.slice(0, 4));
  await expect.poll(() => browser.evaluate(`${all(row)}.length`)).toBe(1);
  await browser.click(first(`${row} td.customer`));

  const picture = `${first("video")}.readyState`;
  await expect.poll(() => browser.evaluate(`${first("video")} !== null && ${picture} >= 2`)).toBe(true);
  const lanes = () => browser.evaluate(`${all(".stretch")}.map(({ classList }) => classList[1]).join()`);
  await expect.poll(lanes).toBe("ring,talk,hold,talk,wrap-up");

  // Where there is no sound device Firefox gives up a sound that somebody is to hear.
  await browser.evaluate(`${first("audio")}.muted = true`);
  await browser.press("Space");
  const soundAt = () => browser.evaluate(`${first("audio")}.currentTime`);
  await expect.poll(soundAt).toBeGreaterThan(2);
  const drift = () =>
    browser.evaluate(
      `Math.abs(${first("audio")}.currentTime - ${offsetMs / 1_000} - ${first("video")}.currentTime)`,
    );
  await expect.poll(drift).toBeLessThan(IN_SYNC_WITHIN_S);
  await browser.press("Space");

  await browser.evaluate(`location.hash = "#t=10.3"`);
  await expect.poll(soundAt).toBe(10.3);
  const shownAt = () =>
    browser.evaluate(
      `${first("video")}.seeking || ${picture} < 2 ? -1 : Math.round(${first("video")}.currentTime * 1000)`,
    );
  await expect.poll(async () => Math.abs(Number(await shownAt()) + offsetMs - 10_300)).toBeLessThanOrEqual(1);

  await browser.hover(first(".wave .row-track"));
  await expect
    .poll(() => browser.evaluate(`${first(".hover-preview canvas")}?.dataset.shows ?? ""`))
    .toContain("thumbnails-1-1.jpg");
}

/** Writes a note where the call is, and verifies it; then the trail has both. */
export async function tourTrust(page: Page, note: string): Promise<void> {
  await page.keyboard.press("c");
  await page.getByLabel("Text").pressSequentially(note);
  await page.getByRole("button", { name: "Add a note" }).click();
  await expect(page.locator(".note-text")).toHaveText(note);
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByRole("button", { name: /^Verified/ })).toBeVisible();
  await page.getByRole("tab", { name: "Audit" }).click();
  for (const entry of ["Viewed · admin", "Note written · admin", "Verified · admin"])
    await expect(page.locator(".audit-what", { hasText: entry }).first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Export" })).toHaveAttribute("href", /\/export$/);
}
