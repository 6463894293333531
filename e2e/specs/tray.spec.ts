import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import type { LinuxSession } from "../rig/linux-session.ts";
import { waitFor } from "../rig/wait.ts";

const ANN = "ann@contoso.com";
const NOTICE = "https://intranet.contoso.com/recording?team=a&b=c";
const WITHIN_MS = 20_000;
const ICONS = ["idle", "recording", "paused", "offline"] as const;

test("the tray's menu says in words what happens to the screen, and its entries do what they say", async ({
  recorder,
  linux,
  desktop,
  call,
}) => {
  const ann = await desktop(ANN, "PC-0815", {
    settings: { noticeUrl: NOTICE },
    env: { ...linux.env, LANGUAGE: "en_GB" },
  });
  const ends = [null, "Why is my screen recorded?", "Open log folder", /^About Deskreel \d+\.\d+\.\d+$/];
  await showsOnly(linux, ["Not recording", ...ends]);
  expect(await shownIcon(linux)).toBe("idle");
  expect((await linux.tray.shown())?.tooltip).toBe("Deskreel: not recording");
  await call.ring({ customer: "+14255550100", queue: "Billing" });
  await call.connect();
  const words = /^● Recording — call from \+1 425 555 0100 \(Billing\), since \d\d:\d\d$/;
  await showsOnly(linux, [words, /^ {2}1 monitor · [1-9]\d* frames\/s · [1-9][\d,]* kbit\/s$/, ...ends]);
  expect(await shownIcon(linux)).toBe("recording");

  await recorder.pause(ANN, "card number");
  await showsOnly(linux, [/^❚❚ Paused — call from \+1 425 555 0100 \(Billing\), since \d\d:\d\d$/, ...ends]);
  expect(await shownIcon(linux)).toBe("paused");
  await recorder.resume(ANN);
  await call.end();
  await showsOnly(linux, ["Not recording", ...ends]);

  await linux.tray.click("Open log folder");
  await linux.tray.click("Why is my screen recorded?");
  const opened = [join(ann.dataDir, "logs"), NOTICE];
  await waitFor("both to be opened", async () => (await linux.opened()).length === opened.length, {
    withinMs: WITHIN_MS,
  });
  expect((await linux.opened()).sort()).toEqual(opened.sort());
  // What only tells something cannot be clicked; so nothing in this menu ends the app.
  const shown = await linux.tray.shown();
  expect(shown?.rows.filter(({ enabled, label }) => enabled && label !== null)).toHaveLength(2);

  // Nor is anything else shown, unless it is configured.
  expect(linux.notifications.shown).toEqual([]);
  await recorder.stop("SIGKILL");
  await showsOnly(linux, ["Offline, the recorder cannot be reached", ...ends]);
  expect(await shownIcon(linux)).toBe("offline");
});

test("the tray speaks the language of the operating system, and has no entry for a page that there is not", async ({
  linux,
  desktop,
}) => {
  const german = { LANGUAGE: "de", LANG: "de_DE.UTF-8" };
  await desktop(ANN, "PC-0815", {
    env: { ...linux.env, ...german },
  });
  await showsOnly(linux, ["Keine Aufzeichnung", null, "Protokollordner öffnen", /^Über Deskreel \d/]);
});

/** Waits until the menu has exactly these rows. */
async function showsOnly({ tray }: LinuxSession, rows: (string | RegExp | null)[]): Promise<void> {
  let last: (string | null)[] = [];
  const matches = (label: string | null, wanted: string | RegExp | null | undefined) =>
    wanted instanceof RegExp ? label !== null && wanted.test(label) : label === wanted;
  try {
    await waitFor(
      "the menu",
      async () => {
        last = (await tray.shown())?.rows.map(({ label }) => label) ?? [];
        return last.length === rows.length && last.every((label, index) => matches(label, rows[index]));
      },
      { withinMs: WITHIN_MS },
    );
  } catch (cause) {
    throw new Error(`the menu should be ${rows.join(" | ")}; it is ${last.join(" | ")}`, { cause });
  }
}

/** Which of the app's icons the panel has got, by its pixels. */
async function shownIcon({ tray }: LinuxSession): Promise<string> {
  const pictures = (await tray.shown())?.pictures.map(solidPixels);
  const found: string[] = [];
  for (const name of ICONS) {
    const file = join(REPOSITORY, `apps/desktop/icons/${name}@2x.png`);
    const args = ["-v", "error", "-i", file, "-f", "rawvideo", "-pix_fmt", "argb", "-"];
    const { stdout } = await promisify(execFile)("ffmpeg", args, { encoding: "buffer" });
    if (pictures?.includes(solidPixels(stdout.toString("hex")))) found.push(name);
  }
  return found.join(" or ");
}

/** Colours count where nothing shines through: elsewhere Chromium writes them otherwise than D-Bus. */
function solidPixels(argb: string): string {
  return argb.replace(/(..)(.{6})/g, (pixel, alpha: string) => (alpha === "ff" ? pixel : alpha));
}
