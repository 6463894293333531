import { type FileHandle, mkdir, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "#shared/runtime/durable-file.ts";

/** Opens a new file for reading and writing, as `open(path, "wx+", mode)` does. */
export type OpenFile = (path: string, flags: "wx+", mode: number) => Promise<FileHandle>;

/** A segment's file that was just made; `.part` until it is published. */
export interface DraftFile {
  /** 6 digits. */
  segmentId: string;
  handle: FileHandle;
  /** Makes its present name survive a power cut; flushing the file alone need not. */
  keepName(): Promise<void>;
  /** Gives it its final name, durably. */
  publish(): Promise<void>;
  /** Deletes it. */
  remove(): Promise<void>;
}

/** Recordings are nobody else's business. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** Whatever state a crash and its recovery have left it in. */
const SEGMENT_FILE = /^(\d{6})\.scn(?:\.\w+)?$/;

/** The folder of one track's segments: `000001.scn`, and `000002.scn.part` while it is written. */
export class SegmentFolder {
  readonly #folder: string;
  readonly #openFile: OpenFile;
  /** The number to give next; a chain, so that numbers are given in the order they were asked for. */
  #nextNumber: Promise<number> | null = null;
  readonly #firstNumber: number;

  constructor(folder: string, firstNumber: number, openFile: OpenFile) {
    this.#folder = folder;
    this.#firstNumber = firstNumber;
    this.#openFile = openFile;
  }

  /** Makes the next segment's file. */
  create(): Promise<DraftFile> {
    const number = (this.#nextNumber ?? this.#prepare()).catch(() => this.#prepare());
    this.#nextNumber = number.then((given) => given + 1);
    // The failure is the caller's of this create(); the next one prepares again.
    this.#nextNumber.catch(() => {});
    return number.then((given) => this.#createNumbered(given));
  }

  async #createNumbered(number: number): Promise<DraftFile> {
    const segmentId = String(number).padStart(6, "0");
    const finalPath = join(this.#folder, `${segmentId}.scn`);
    const draftPath = `${finalPath}.part`;
    const handle = await this.#openFile(draftPath, "wx+", FILE_MODE);
    return {
      segmentId,
      handle,
      keepName: () => syncFolder(this.#folder),
      publish: async () => {
        await rename(draftPath, finalPath);
        await syncFolder(this.#folder);
      },
      remove: () => rm(draftPath, { force: true }),
    };
  }

  /**
   * Makes the folder and finds the first free number: a file that a crash left behind is not in the catalogue but must
   * not be overwritten.
   */
  async #prepare(): Promise<number> {
    const firstMade = await mkdir(this.#folder, { recursive: true, mode: FOLDER_MODE });
    if (firstMade !== undefined) {
      // Each new name must survive a power cut, not only the innermost.
      for (let made = this.#folder; made.length >= firstMade.length; made = dirname(made)) {
        await syncFolder(dirname(made));
      }
    }
    const numbers = (await readdir(this.#folder)).map((name) => Number(SEGMENT_FILE.exec(name)?.[1] ?? 0));
    return Math.max(this.#firstNumber, ...numbers.map((number) => number + 1));
  }
}
