import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { HAS_FIREFOX, launchFirefox } from "../../../e2e/rig/firefox.ts";
import { expectInSync } from "./rig/browser.ts";
import { madeInteraction, madeTransfer } from "./rig/made-interactions.ts";
import { makeAudio, makeScreen } from "./rig/made-media.ts";
import { OWN_PASSWORD, signUp } from "./rig/replay-client.ts";
import { MADE_PLACE, openReplayRig } from "./rig/replay-rig.ts";

const WITHIN_MS = 30_000;

test.skipIf(!HAS_FIREFOX)(
  "in Firefox one signs in, finds a call, plays it, goes to a moment of it and writes a note there",
  { timeout: 180_000 },
  async () => {
    const pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
    await using _page = { [Symbol.asyncDispose]: () => rm(pageFolder, { recursive: true }) };
    await bundleReplay(pageFolder);
    await using rig = await openReplayRig({ pageFolder });
    const audio = await makeAudio(rig.folder, "audio.m4a", 12);
    const screens = [
      await makeScreen(rig.folder, "screen-1.mp4", 12, "320x180"),
      await makeScreen(rig.folder, "screen-2.mp4", 6, "320x180"),
    ] as const;
    rig.catalogue.put(madeTransfer(audio, screens), MADE_PLACE);
    for (let index = 0; index < 20; index += 1)
      rig.catalogue.put(madeInteraction(`call-${index}`), MADE_PLACE);
    await signUp(rig.url, "sue", { role: "admin" });

    await using firefox = await launchFirefox();
    const find = (selector: string) => `document.querySelector(${JSON.stringify(selector)})`;
    const poll = (expression: string) =>
      expect.poll(() => firefox.evaluate(expression), { timeout: WITHIN_MS });
    const click = async (selector: string) => {
      await poll(`${find(selector)} !== null`).toBe(true);
      await firefox.click(find(selector));
    };
    const write = async (selector: string, text: string) => {
      await click(selector);
      await firefox.type(text);
    };
    const soundAt = `${find("audio")}?.currentTime ?? -1`;

    await firefox.goto(rig.url);
    // What the page's policy forbids is an event of its own, and nothing of it may happen.
    await write("#name", "sue");
    await write("#password", OWN_PASSWORD);
    await click("form button.primary");
    await poll(`document.querySelectorAll("tr.call").length`).toBeGreaterThan(10);
    await firefox.evaluate(
      `globalThis.refused = []; addEventListener("securitypolicyviolation", ({ violatedDirective }) => refused.push(violatedDirective)); 0`,
    );
    await write("input[type=search]", "bob lee");
    await poll(`document.querySelectorAll("tr.call").length`).toBe(1);
    expect(await firefox.evaluate("location.search")).toBe("?q=bob+lee");

    await click("tr.call a");
    await poll(`document.querySelectorAll("video").length`).toBe(2);
    await click("button.play");
    await poll(soundAt).toBeGreaterThan(1);
    await expectInSync(firefox, { "screen-1.mp4": 0 });
    await firefox.evaluate(`location.hash = "#t=6.5"; 0`);
    // By the screens: where there is no sound device Firefox gives the sound up, and a timer goes on in its place.
    const screenAt = (file: string) => `${find(`[data-file="${file}"] video`)}.currentTime`;
    await poll(screenAt("screen-1.mp4")).toBeGreaterThan(6.5);
    await poll(`Math.abs(${screenAt("screen-1.mp4")} - ${screenAt("screen-2.mp4")} - 4) < 0.08`).toBe(true);

    await firefox.evaluate("document.activeElement?.blur(); 0");
    await firefox.type("c");
    await poll(
      `${find(".note-form textarea")} !== null && document.activeElement === ${find(".note-form textarea")}`,
    ).toBe(true);
    await firefox.type("Asks for a refund");
    await click(".note-form button.primary");
    await poll(`document.body.innerText.includes("Asks for a refund") && ${find(".note")} !== null`).toBe(
      true,
    );
    const [note] = rig.stores.notes.listOf("transfer-1");
    expect(note).toMatchObject({ text: "Asks for a refund", authorName: "sue" });
    expect(note?.atMs).toBeGreaterThanOrEqual(6_400);
    expect(await firefox.evaluate("JSON.stringify(refused)")).toBe("[]");
  },
);
