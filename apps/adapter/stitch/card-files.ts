import { createHash } from "node:crypto";
import { access, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Codec } from "#shared/api/recording.ts";
import { isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { cardArgs, type CardLook } from "../domain/card-args.ts";
import { runFfmpeg } from "./run-ffmpeg.ts";

/** Of Debian's fonts-dejavu-core; without it cards have no words. */
const FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
/** A card is 5 to 20 kB. When there are more, they are made anew. */
const CARDS_MOST = 1_000;

/** Made cards, in a folder: two monitors that miss the same minute, or a next version, share one. */
export class CardFiles {
  readonly #folder: string;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  /** Being made, by name. */
  readonly #making = new Map<string, Promise<void>>();

  private constructor(folder: string, log: Log, signal: AbortSignal) {
    this.#folder = folder;
    this.#log = log;
    this.#signal = signal;
  }

  /** @param folder - may be missing; its files may go away as long as nothing is being stitched. */
  static async open(folder: string, log: Log, signal: AbortSignal): Promise<CardFiles> {
    await mkdir(folder, { recursive: true });
    const names = await readdir(folder);
    if (names.length > CARDS_MOST) for (const name of names) await rm(join(folder, name), { force: true });
    return new CardFiles(folder, log, signal);
  }

  /** @returns the absolute path of a file with one picture, encoded as a screen's segments are. */
  async get(look: CardLook): Promise<string> {
    const font = await this.#findFont();
    const name = createHash("sha256")
      .update(JSON.stringify([look, font]))
      .digest("hex")
      .slice(0, 32);
    const path = join(this.#folder, `${name}.${extensionOf(look.codec)}`);
    let making = this.#making.get(name);
    if (making === undefined) {
      making = this.#make(look, font, name, path);
      this.#making.set(name, making);
    }
    await making;
    return path;
  }

  async #make(look: CardLook, font: string | null, name: string, path: string): Promise<void> {
    if (await exists(path)) return;
    const draft = join(this.#folder, `draft-${name}`);
    const texts = { title: `${name}.title`, detail: `${name}.detail` };
    const [title, detail] = [join(this.#folder, texts.title), join(this.#folder, texts.detail)];
    try {
      await writeFile(title, look.title);
      await writeFile(detail, look.detail);
      const options = { mediaMs: 0, cwd: this.#folder, signal: this.#signal };
      await runFfmpeg(cardArgs(look, texts, font, draft), options);
      await rename(draft, path);
    } finally {
      for (const file of [draft, title, detail]) await rm(file, { force: true });
    }
  }

  async #findFont(): Promise<string | null> {
    if (await exists(FONT)) return FONT;
    this.#log.warn({ font: FONT }, "cards have no words, the font is missing (Debian: fonts-dejavu-core)");
    return null;
  }
}

function extensionOf(codec: Codec): string {
  return codec === "h264" ? "mkv" : "webm";
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return false;
    throw error;
  }
}
