import type { Page } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { expectInSync, openPage } from "./rig/browser.ts";
import { madeInteraction, madeScreen } from "./rig/made-interactions.ts";
import { offerTransfer, openPageRig, type PageRig } from "./rig/page-rig.ts";
import { OWN_PASSWORD, ReplayClient, signUp } from "./rig/replay-client.ts";
import { MADE_PLACE, type ReplayRig } from "./rig/replay-rig.ts";

let opened: PageRig;
let rig: ReplayRig;

beforeAll(async () => {
  opened = await openPageRig(bundleReplay);
  ({ rig } = opened);
  const { audio, screens, manifest } = await offerTransfer(rig);
  rig.catalogue.put(
    madeInteraction("hold-1", {
      startedAt: "2026-03-01T10:00:00.000Z",
      audio: manifest.audio,
      // It begins when the call has rung for a while, and ends before the wrap-up does.
      screens: [
        madeScreen("screen-2.mp4", 600, 6_000),
        madeScreen("screen-1.mp4", 0, 12_000, { display: "2" }),
      ],
      files: [audio, ...screens],
    }),
    MADE_PLACE,
  );
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

async function open(page: Page, path: string): Promise<void> {
  await page.goto(`${rig.url}/interactions/${path}`);
}

/** By the sound's own clock, in seconds. */
async function soundAt(page: Page): Promise<number> {
  return Number(await page.evaluate(`document.querySelector("audio").currentTime`));
}

test("a link opens at its moment, and every layout shows every screen in sync within 40 ms", async () => {
  await using watched = await opened.signIn("viewer");
  const { page, faults } = watched;
  await open(page, "transfer-1#t=4.5");
  await expect.poll(() => soundAt(page)).toBe(4.5);
  const widthOf = async (file: string) =>
    (await page.locator(`[data-file="${file}"] video`).boundingBox())?.width ?? 0;
  const equal = await widthOf("screen-1.mp4");
  expect(await widthOf("screen-2.mp4")).toBeCloseTo(equal, 0);
  await page.keyboard.press("2");
  await expect.poll(async () => (await widthOf("screen-2.mp4")) / equal).toBeGreaterThan(1.3);
  await page.getByRole("button", { name: "Picture in picture" }).click();
  await expect
    .poll(async () => (await widthOf("screen-2.mp4")) / (await widthOf("screen-1.mp4")))
    .toBeGreaterThan(2);

  await page.keyboard.press("d");
  await page.keyboard.press("Space");
  await expect.poll(() => soundAt(page), { timeout: 20_000 }).toBeGreaterThan(5);
  await expectInSync(page, { "screen-1.mp4": 0, "screen-2.mp4": 4_000 });
  // The overlay measures while it is played, and goes on telling what it measured.
  const measured = async () =>
    await page
      .locator("[data-drift-p95]")
      .evaluateAll((cells) =>
        cells.map(
          (cell: unknown) => (cell as { dataset: Record<string, string> }).dataset["driftP95"] !== "",
        ),
      );
  await expect.poll(measured).toEqual([true, true]);
  expect(faults).toEqual([]);
});

test("hovering shows the small pictures of the moment, and why there is none", async () => {
  await using watched = await opened.signIn("viewer");
  const { page, faults } = watched;
  await open(page, "transfer-1#t=1.05");
  await page.locator("canvas.waveform").waitFor();
  const box = await page.locator(".wave .row-track").boundingBox();
  if (box === null) throw new Error("there is no waveform");
  await page.mouse.move(box.x + (box.width * 5.5) / 12, box.y + box.height / 2);
  const shown = () =>
    page
      .locator(".hover-preview canvas")
      .evaluateAll((canvases) =>
        canvases.map((canvas: unknown) => (canvas as { dataset: Record<string, string> }).dataset["shows"]),
      );
  await expect.poll(shown).toEqual(["thumbnails-1-1.jpg 1200 0", "thumbnails-2-1.jpg 240 0"]);
  await page.mouse.move(box.x + (box.width * 7.5) / 12, box.y + box.height / 2);
  await page.locator(".hover-missing").getByText("Bob Lee · 1: No picture: connection lost").waitFor();
  expect(faults).toEqual([]);
});

test("a screen that begins a little later says when, and a damaged waveform is told and plays on", async () => {
  await using watched = await opened.signIn("viewer");
  const { page } = watched;
  await open(page, "hold-1");
  await page.locator('[data-file="screen-2.mp4"]').getByText("Starts at 00:00.6").waitFor();
  await page.getByRole("button", { name: "Play", exact: true }).click();
  await expect.poll(() => soundAt(page), { timeout: 20_000 }).toBeGreaterThan(0.7);
  await page.locator('[data-file="screen-2.mp4"]').getByText("Starts at").waitFor({ state: "detached" });
});

test("notes are written, changed and deleted at their moments, and all of it is in the trail", async () => {
  await using watched = await opened.signIn("admin");
  const { page, faults } = watched;
  await open(page, "hold-1#t=3.5");
  await expect.poll(() => soundAt(page)).toBe(3.5);
  await page.keyboard.press("c");
  await page.getByLabel("Text").pressSequentially("Asks for k m f");
  await page.getByLabel("Tags, separated by commas").fill("refund, second level");
  await page.getByRole("button", { name: "Add a note" }).click();
  await page.getByText("Asks for k m f").waitFor();
  expect(await page.locator(".tags li").allTextContents()).toEqual(["refund", "second level"]);
  // Keys of the player are letters in a text.
  expect(await soundAt(page)).toBe(3.5);
  // What is half written is there after a look at something else.
  await page.getByLabel("Text").fill("half a thought");
  await page.getByRole("tab", { name: "Events" }).click();
  await page.getByRole("tab", { name: "Notes" }).click();
  expect(await page.getByLabel("Text").inputValue()).toBe("half a thought");
  await page.getByLabel("Text").fill("");
  await page.keyboard.press("Tab");
  // A note's flag is on the timeline before anybody has looked at the notes.
  await page.reload();
  await page.locator(".note-mark").waitFor();
  expect(await page.getByRole("tab", { selected: true }).innerText()).toBe("Events");
  await page.getByRole("tab", { name: "Notes" }).click();
  await page.keyboard.press("Home");
  await page.getByRole("button", { name: "Change the note at 00:03" }).click();
  await page.locator(".note .note-form textarea").fill("Asks for 42.10");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Asks for 42.10").waitFor();
  await page.getByRole("button", { name: "Go to 00:03" }).click();
  await expect.poll(() => soundAt(page)).toBe(3.5);

  await page.getByRole("button", { name: "Legal hold" }).click();
  await page.getByLabel("Reason").fill("a complaint");
  await page.getByRole("button", { name: "Put on hold" }).click();
  await page.getByRole("button", { name: "On legal hold" }).waitFor();
  // The rig's manifest is in no archive, which is a fault.
  await page.getByRole("button", { name: "Verify" }).click();
  await page.getByText("What does not match").waitFor();
  await page.getByRole("button", { name: "Delete the note at 00:03" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No notes yet.").waitFor();
  // Of two who delete the same note the second is not told that it failed.
  const other = ReplayClient.admin(rig.url);
  const notes = "/v1/interactions/hold-1/notes";
  const { id } = (await other.ask("POST", notes, { atMs: 9_000, text: "<b>bold</b>" })).json();
  await page.getByRole("tab", { name: "Events" }).click();
  await page.getByRole("tab", { name: "Notes" }).click();
  await page.getByText("<b>bold</b>").waitFor();
  await page.getByRole("button", { name: "Delete the note at 00:09" }).click();
  expect(await other.status("DELETE", `${notes}/${String(id)}`)).toBe(204);
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("No notes yet.").waitFor();
  await page.getByRole("tab", { name: "Audit" }).click();
  // How often it was viewed is the audit's own affair.
  const changes = async () =>
    (await page.locator(".audit-what").allTextContents()).filter((text) => !text.startsWith("Viewed"));
  await expect
    .poll(changes)
    .toEqual(
      [
        "Note deleted",
        "Note written",
        "Note deleted",
        "Verified",
        "Put on hold",
        "Note changed",
        "Note written",
      ].map((what) => `${what} · admin`),
    );
  // Of the second deletion.
  expect(faults).toEqual([expect.stringContaining("404")]);
});

test("media that could not be loaded are loaded again, and whoever is signed out comes back to the moment", async () => {
  const { id } = await signUp(rig.url, "sid", { role: "admin" });
  await using watched = await openPage(opened.browser);
  const { page } = watched;
  const signIn = async () => {
    await page.getByLabel("Name").fill("sid");
    await page.getByLabel("Password").fill(OWN_PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
  };
  const media = /files\/(screen-1\.mp4|audio\.m4a)$/;
  await page.route(media, (route) => route.abort());
  await open(page, "transfer-1#t=4.5");
  await signIn();
  const again = page.getByRole("button", { name: "Try again" });
  await expect.poll(() => again.count()).toBe(2);
  await page.unroute(media);
  await again.first().click();
  await expect.poll(() => again.count()).toBe(1);
  await again.click();
  await expect.poll(() => soundAt(page)).toBe(4.5);
  await expect.poll(() => page.evaluate(`document.querySelector("video").currentTime`)).toBeCloseTo(4.5);
  expect(await again.count()).toBe(0);

  // What somebody has written does not go with the session.
  await page.keyboard.press("c");
  await page.getByLabel("Text").fill("a long thought");
  rig.stores.sessions.endAllOf(`account:${id}`);
  await page.getByRole("button", { name: "Add a note" }).click();
  await page.getByText("Your session is over.").waitFor();
  expect(await page.getByLabel("Text").inputValue()).toBe("a long thought");
  await page.getByLabel("Text").fill("");
  // A file that is asked for tells that nobody is signed in.
  await page.route(media, (route) => route.abort());
  await page.evaluate(`document.querySelector("video").load()`);
  await page.getByText("You are not signed in").waitFor();
  await page.unroute(media);
  await signIn();
  await expect.poll(() => soundAt(page)).toBe(4.5);
  expect(new URL(page.url()).hash).toBe("#t=4.5");
});
