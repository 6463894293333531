// @ts-check
// What the doctor found, and how it is told. Runs on Node 20 and needs nothing installed.

/**
 * One thing that was looked at.
 * @typedef {object} Finding
 * @property {string} group what it belongs to; findings of a group come one after the other
 * @property {string} name
 * @property {"ok" | "warn" | "fail"} state `warn`: works, but somebody should look; `fail`: does not work
 * @property {string} found what there is, on one line
 * @property {string} [mend] what to do about it
 */

const MARKS = { ok: "ok  ", warn: "warn", fail: "FAIL" };
const COLOURS = { ok: "\u001B[32m", warn: "\u001B[33m", fail: "\u001B[31m" };
const BOLD = "\u001B[1m";
const PLAIN = "\u001B[0m";
const COLUMNS = 100;
/** `  FAIL  ` */
const MARK_COLUMNS = 8;
const NAME_COLUMNS = 20;
const INDENT = " ".repeat(MARK_COLUMNS + NAME_COLUMNS + 1);

/**
 * Turns findings into text, one at a time, so that each can be read as soon as it is there.
 */
export class FindingsText {
  #colours;
  #group = "";

  /** @param {{ colours: boolean }} options */
  constructor({ colours }) {
    this.#colours = colours;
  }

  /**
   * @param {Finding} finding
   * @returns {string} whole lines, with the group's heading when it is the first of its group
   */
  write({ group, name, state, found, mend }) {
    const heading = group === this.#group ? "" : `${this.#paint(BOLD, group)}\n`;
    const between = heading !== "" && this.#group !== "" ? "\n" : "";
    this.#group = group;
    const mark = this.#paint(COLOURS[state], MARKS[state]);
    const [first = "", ...rest] = wrap(found, COLUMNS - INDENT.length);
    const lines = [`  ${mark}  ${name.padEnd(NAME_COLUMNS)} ${first}`, ...rest.map((line) => INDENT + line)];
    if (mend !== undefined) {
      const [step = "", ...more] = wrap(mend, COLUMNS - INDENT.length - 3);
      lines.push(`${INDENT}-> ${step}`, ...more.map((line) => `${INDENT}   ${line}`));
    }
    return `${between}${heading}${lines.map((line) => `${line.trimEnd()}\n`).join("")}`;
  }

  /**
   * @param {readonly Finding[]} findings
   * @returns {string} what is not fine once more, by its names, and how many of each there are
   */
  sum(findings) {
    const { ok, warn, fail } = count(findings);
    const parts = [`${fail} failed`, `${warn} ${warn === 1 ? "warning" : "warnings"}`, `${ok} fine`];
    const worst = fail > 0 ? "fail" : warn > 0 ? "warn" : "ok";
    const lines = /** @type {const} */ (["fail", "warn"]).flatMap((state) => {
      const names = findings
        .filter((one) => one.state === state)
        .map(({ group, name }) => `${group}: ${name}`);
      if (names.length === 0) return [];
      const [first = "", ...rest] = wrap(names.join(" · "), COLUMNS - MARK_COLUMNS);
      const indent = " ".repeat(MARK_COLUMNS);
      return [
        `  ${this.#paint(COLOURS[state], MARKS[state])}  ${first}`,
        ...rest.map((line) => indent + line),
      ];
    });
    return `\n${[...lines, this.#paint(COLOURS[worst], `${parts.join(", ")}.`)].join("\n")}\n`;
  }

  /**
   * @param {string} colour
   * @param {string} text
   */
  #paint(colour, text) {
    return this.#colours ? `${colour}${text}${PLAIN}` : text;
  }
}

/**
 * @param {readonly Finding[]} findings
 * @returns {{ ok: number, warn: number, fail: number }}
 */
export function count(findings) {
  const counts = { ok: 0, warn: 0, fail: 0 };
  for (const { state } of findings) counts[state] += 1;
  return counts;
}

/**
 * All findings for programs.
 * @param {readonly Finding[]} findings
 * @returns {string} one JSON object
 */
export function findingsJson(findings) {
  const counts = count(findings);
  return `${JSON.stringify({ ok: counts.fail === 0, counts, findings }, null, 2)}\n`;
}

/**
 * Breaks a text at spaces; a word that is longer than a line (a path) gets one of its own.
 * @param {string} text
 * @param {number} columns
 * @returns {string[]}
 */
function wrap(text, columns) {
  const lines = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
