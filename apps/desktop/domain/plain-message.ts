/** Deeper than anything that WebRTC describes itself with. */
const MAX_DEPTH = 16;

/**
 * What is wrong with a message by its build alone, before anybody looks at what it says: between processes come whole
 * graphs of objects, with cycles, maps and buffers, and of any size.
 *
 * @param maxSize - characters of all keys and texts, and one for each value.
 * @returns null when it is plain data, as JSON has it, and small enough.
 */
export function faultOfBuild(message: unknown, maxSize: number): string | null {
  let size = 0;
  const pending: { value: unknown; depth: number }[] = [{ value: message, depth: 0 }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, depth } = next;
    if (depth > MAX_DEPTH) return "too deep";
    size += 1;
    if (typeof value === "string") size += value.length;
    else if (Array.isArray(value)) size += value.length;
    else if (isPlainObject(value)) size += Object.keys(value).reduce((sum, key) => sum + key.length, 0);
    else if (!isPlainValue(value)) return "not plain data";
    if (size > maxSize) return "too large";
    // An array may be sparse and name its length only, so what counts is checked before it is walked through.
    if (typeof value === "object" && value !== null)
      for (const inner of Object.values(value)) pending.push({ value: inner, depth: depth + 1 });
  }
  return null;
}

function isPlainValue(value: unknown): boolean {
  return value === null || ["undefined", "boolean", "number"].includes(typeof value);
}

function isPlainObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
