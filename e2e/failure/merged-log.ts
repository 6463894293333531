/** The logs of all parts as one text, by time. Pure. */

/** What a part wrote, as it wrote it: JSON lines, and whatever Chromium or a crash put between them. */
export interface PartLog {
  part: string;
  text: string;
}

/** A line of the merged log. */
interface MergedLine {
  /** Epoch ms. */
  at: number;
  part: string;
  level: string;
  text: string;
}

/** pino's. */
const LEVELS: Readonly<Record<number, string>> = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal",
};
/** What every line of ours has, and what nothing follows from. */
const OWN_FIELDS = new Set(["time", "level", "msg", "part", "pid", "hostname"]);

/**
 * Merges logs of one machine: a line each, in the order of their times; what has no time stands where it was written.
 *
 * @param from - the instant of `+0.000`.
 */
export function mergeLogs(logs: readonly PartLog[], from: number): string {
  const lines = logs.flatMap((log) => readLines(log, from)).toSorted((a, b) => a.at - b.at);
  const width = Math.max(...logs.map(({ part }) => part.length), 4);
  const rows = lines.map(({ at, part, level, text }) => {
    const clock = new Date(at).toISOString().slice(11, 23);
    const since = `${at < from ? "-" : "+"}${(Math.abs(at - from) / 1_000).toFixed(3)}`;
    return `${clock} ${since.padStart(9)}  ${part.padEnd(width)}  ${level.padEnd(5)} ${text}`;
  });
  return `${rows.join("\n")}\n`;
}

function readLines({ part, text }: PartLog, from: number): MergedLine[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const parsed = lines.map((line) => parseLine(part, line));
  // What comes before the first time has the first time; where there is none, the beginning is as good as any.
  let at = parsed.find((line) => line.at !== null)?.at ?? from;
  return parsed.map((line) => {
    at = line.at ?? at;
    return { ...line, at };
  });
}

function parseLine(part: string, line: string): Omit<MergedLine, "at"> & { at: number | null } {
  const fields = parseObject(line);
  const at = typeof fields?.["time"] === "string" ? Date.parse(fields["time"]) : Number.NaN;
  if (fields === null || Number.isNaN(at)) return { at: null, part, level: "", text: line };
  const facts = Object.entries(fields)
    .filter(([name]) => !OWN_FIELDS.has(name))
    .map(
      ([name, value]) =>
        `${name}=${typeof value === "string" && /^[^\s"]+$/.test(value) ? value : JSON.stringify(value)}`,
    );
  return {
    at,
    part,
    level: LEVELS[Number(fields["level"])] ?? "",
    text: [fields["msg"], ...facts].join("  "),
  };
}

function parseObject(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null; // Cut off in the middle, as by a kill: it is shown as it is.
  }
}
