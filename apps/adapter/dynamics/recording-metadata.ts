import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { StatedStart } from "../domain/interaction-facts.ts";
import type { Interval } from "../domain/timeline.ts";

/** Names under which the start is found; the first is Azure Communication Services' own. */
const START_KEYS = ["chunkstarttime", "recordingstarttime", "starttime"];
const PAUSES_KEY = "pauseresumeintervals";
/** How deep objects may be nested before it is no metadata of a recording any more. */
const DEPTH_MAX = 4;
/** Participants and pauses have start times too, but not the recording's. */
const FOREIGN_KEYS = ["participants", PAUSES_KEY];

/**
 * When a recording's sound begins by its own metadata, and when it was paused: the JSON that Azure Communication Services writes beside a
 * recording (`{"chunkStartTime": "2026-03-02T10:02:41.1234567Z", …}`). Microsoft does not document that the column
 * holds just that, so anything that has the key, in any case and at any reasonable place, will do.
 *
 * @returns null when the text does not say.
 */
export function readStatedStart(text: string): StatedStart | null {
  let tree: unknown;
  try {
    // Some of Microsoft's writers begin with a byte order mark.
    tree = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return null;
  }
  for (const key of START_KEYS) {
    const value = findValue(tree, key, 0, (found) => typeof found === "string");
    const at = readInstant(value);
    if (at === null) continue;
    const pauses = readPauses(findValue(tree, PAUSES_KEY, 0, Array.isArray));
    const uncertaintyMs = /\.\d/.test(String(value)) ? 1 : 1_000;
    return { at, uncertaintyMs, ...(pauses.length > 0 && { pauses }) };
  }
  return null;
}

/** `[{"startTime": "…", "duration": ms}]`, or with an end in the place of the duration; what is not so is left out. */
function readPauses(list: unknown): Interval[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const own = (key: string) => findValue(entry, key, DEPTH_MAX, () => true);
    const from = readInstant(own("starttime"));
    const [duration, end] = [own("duration"), readInstant(own("endtime"))];
    if (from === null) return [];
    const to = typeof duration === "number" && Number.isFinite(duration) ? from + duration : end;
    return to !== null && to > from ? [{ from, to }] : [];
  });
}

function readInstant(value: unknown): EpochMs | null {
  return typeof value === "string" ? parseRfc3339(value) : null;
}

/** The value of a key, in any case, nearest to the root, that is of the wanted kind. */
function findValue(
  node: unknown,
  key: string,
  depth: number,
  isWanted: (value: unknown) => boolean,
): unknown {
  if (typeof node !== "object" || node === null || depth > DEPTH_MAX) return undefined;
  const entries = Object.entries(node).map(([name, value]) => [name.toLowerCase(), value] as const);
  const own = entries.find(([name, value]) => name === key && isWanted(value));
  if (own !== undefined) return own[1];
  for (const [name, value] of entries) {
    if (FOREIGN_KEYS.includes(name)) continue;
    const found = findValue(value, key, depth + 1, isWanted);
    if (found !== undefined) return found;
  }
  return undefined;
}
