import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "@playwright/test";
import type { Manifest } from "#shared/archive/manifest.ts";
import { launchChromium, openPage, type WatchedPage } from "./browser.ts";
import { makePeaks, makePictureTimes, makeThumbnails } from "./made-artefacts.ts";
import { madeTransfer } from "./made-interactions.ts";
import { type ListedFile, makeAudio, makeScreen } from "./made-media.ts";
import { MADE_PLACE, openReplayRig, type ReplayRig, type RigOptions, TOKENS } from "./replay-rig.ts";

/** The built page over a {@link ReplayRig}, and a real Chromium to open it in. */
export interface PageRig extends AsyncDisposable {
  readonly rig: ReplayRig;
  readonly browser: Browser;
  readonly pageFolder: string;
  /** A page whose person is signed in with one of the rig's tokens. */
  signIn(token: keyof typeof TOKENS, options?: BrowserContextOptions): Promise<WatchedPage>;
}

/** @param bundle - builds the page into a folder; the product itself does not know how. */
export async function openPageRig(
  bundle: (folder: string) => Promise<void>,
  options: Omit<RigOptions, "pageFolder"> = {},
): Promise<PageRig> {
  await using opened = new AsyncDisposableStack();
  const pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  opened.defer(() => rm(pageFolder, { recursive: true }));
  await bundle(pageFolder);
  const rig = opened.use(await openReplayRig({ pageFolder, ...options }));
  const browser = opened.adopt(await launchChromium(), (launched) => launched.close());
  const owned = opened.move();
  return {
    ...{ rig, browser, pageFolder },
    async signIn(token, more) {
      const watched = await openPage(browser, more);
      await watched.page.goto(`${rig.url}/?token=${TOKENS[token]}`);
      return watched;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** What a made transfer consists of. */
export interface OfferedTransfer {
  audio: ListedFile;
  screens: readonly [ListedFile, ListedFile];
  /** Peaks with a silence from 2 s to 6 s, the pictures' times, and thumbnails. */
  artefacts: readonly ListedFile[];
  manifest: Manifest;
}

/** Puts `transfer-1` of {@link madeTransfer} into the rig, with its media and all that is made of them. */
export async function offerTransfer({ folder, catalogue }: ReplayRig): Promise<OfferedTransfer> {
  const audio = await makeAudio(folder, "audio.m4a", 12);
  const screens = [
    await makeScreen(folder, "screen-1.mp4", 12),
    await makeScreen(folder, "screen-2.mp4", 6),
  ] as const;
  const artefacts = [
    await makePeaks(folder, 12, [[2, 6]]),
    await makePictureTimes(folder, ["screen-1.mp4", "screen-2.mp4"]),
    ...(await makeThumbnails(folder, [
      { file: "screen-1.mp4", durationS: 12 },
      { file: "screen-2.mp4", durationS: 6 },
    ])),
  ];
  const transfer = madeTransfer(audio, screens);
  const manifest = { ...transfer, files: [...transfer.files, ...artefacts] };
  catalogue.put(manifest, MADE_PLACE);
  return { audio, screens, artefacts, manifest };
}
