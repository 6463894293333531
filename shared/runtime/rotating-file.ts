import { appendFileSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";

export interface RotatingFileOptions {
  /** Made when missing. */
  folder: string;
  /** The newest file is `name.log`, the ones before it `name.1.log` (the next newest) and so on. */
  name: string;
  /** Of one file. */
  maxBytes: number;
  /** All together, at least 2. */
  maxFiles: number;
  /** Told once, when a line could not be written; the lines that cannot be written are lost. */
  onFault: (error: unknown) => void;
}

/**
 * A log's file that begins anew when it is full and keeps some of those before it. Each line is in the file when `write`
 * returns, so the last words before a crash are there too, and no file is held open; for logs of few lines.
 */
export class RotatingFile {
  readonly #options: RotatingFileOptions;
  #faultTold = false;

  constructor(options: RotatingFileOptions) {
    this.#options = options;
  }

  /** A disk that is full must not stop who logs, so faults are told to `onFault`. Every line is a new try. */
  write(line: string): void {
    const { folder, maxBytes, onFault } = this.#options;
    // Half a line tells more than none, and the limit holds.
    const bytes = Buffer.from(line).subarray(0, maxBytes);
    try {
      mkdirSync(folder, { recursive: true });
      const size = statSync(this.#path(0), { throwIfNoEntry: false })?.size ?? 0;
      if (size > 0 && size + bytes.length > maxBytes) this.#rotate();
      appendFileSync(this.#path(0), bytes, { mode: 0o600 });
    } catch (error) {
      if (!this.#faultTold) onFault(error);
      this.#faultTold = true;
    }
  }

  #rotate(): void {
    for (let age = this.#options.maxFiles - 1; age > 0; age--)
      renameIfThere(this.#path(age - 1), this.#path(age));
  }

  #path(age: number): string {
    const { folder, name } = this.#options;
    return join(folder, age === 0 ? `${name}.log` : `${name}.${age}.log`);
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
