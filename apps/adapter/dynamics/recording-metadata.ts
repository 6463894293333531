import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { StatedStart } from "../domain/interaction-facts.ts";

/** Names under which the start is found; the first is Azure Communication Services' own. */
const START_KEYS = ["chunkstarttime", "recordingstarttime", "starttime"];
/** How deep objects may be nested before it is no metadata of a recording any more. */
const DEPTH_MAX = 4;
/** Participants and pauses have start times too, but not the recording's. */
const FOREIGN_KEYS = ["participants", "pauseresumeintervals"];

/**
 * When a recording's sound begins by its own metadata: the JSON that Azure Communication Services writes beside a
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
    const value = findValue(tree, key, 0);
    const at = typeof value === "string" ? parseRfc3339(value) : null;
    if (at !== null) return { at, uncertaintyMs: /\.\d/.test(String(value)) ? 1 : 1_000 };
  }
  return null;
}

function findValue(node: unknown, key: string, depth: number): unknown {
  if (typeof node !== "object" || node === null || depth > DEPTH_MAX) return undefined;
  const entries = Object.entries(node).map(([name, value]) => [name.toLowerCase(), value] as const);
  const own = entries.find(([name, value]) => name === key && typeof value === "string");
  if (own !== undefined) return own[1];
  for (const [name, value] of entries) {
    if (FOREIGN_KEYS.includes(name)) continue;
    const found = findValue(value, key, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
