// @ts-check
/** How often a running task says where it is when stderr is not a terminal, in ms. */
const PLAIN_UPDATE_EVERY_MS = 30_000;

/**
 * @typedef {object} Task
 * @property {(text: string) => void} update says how far it is
 * @property {(outcome?: string) => void} done
 * @property {() => void} failed
 */

/**
 * Tells a person on stderr what set-up is doing; stdout belongs to the command itself. On a terminal a task is one
 * line that changes in place, elsewhere (CI) a line at its start, at its end, and every 30 s between.
 */
export class Report {
  #stream;
  #openLine = false;

  /** @param {NodeJS.WriteStream | (NodeJS.WritableStream & { isTTY?: boolean, columns?: number })} stream */
  constructor(stream = process.stderr) {
    this.#stream = stream;
  }

  /** @param {string} text */
  say(text) {
    this.#closeLine();
    this.#stream.write(`[set-up] ${text}\n`);
  }

  /**
   * @param {string} title
   * @returns {Task}
   */
  task(title) {
    const startedAt = Date.now();
    let saidAt = startedAt;
    this.#show(title);
    return {
      update: (text) => {
        if (!this.#stream.isTTY) {
          if (Date.now() - saidAt < PLAIN_UPDATE_EVERY_MS) return;
          saidAt = Date.now();
        }
        this.#show(`${title}: ${text}`);
      },
      done: (outcome = "done") => {
        this.#show(`${title}: ${outcome} (${seconds(Date.now() - startedAt)})`);
        this.#closeLine();
      },
      failed: () => {
        this.#show(`${title}: failed after ${seconds(Date.now() - startedAt)}`);
        this.#closeLine();
      },
    };
  }

  /** @param {string} text */
  #show(text) {
    const line = `[set-up] ${text}`;
    if (!this.#stream.isTTY) {
      this.#stream.write(`${line}\n`);
      return;
    }
    // A line longer than the terminal would wrap, and could not be taken back.
    this.#stream.write(`\r\u001B[K${line.slice(0, (this.#stream.columns ?? 80) - 1)}`);
    this.#openLine = true;
  }

  #closeLine() {
    if (this.#openLine) this.#stream.write("\n");
    this.#openLine = false;
  }
}

/**
 * @param {number} ms
 * @returns {string}
 */
function seconds(ms) {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
}
