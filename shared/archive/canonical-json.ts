/**
 * The one form of a JSON value that is signed (RFC 8785): no white space, names in the order of their UTF-16 code units,
 * numbers and strings as ECMAScript writes them, which is what `JSON.stringify` does.
 *
 * @param value - of JSON: what `JSON.parse` returns; members that are undefined do not count.
 * @throws TypeError for what no JSON is: a number that is not finite, a function, a lone surrogate in a text.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${value} is no JSON number`);
    return JSON.stringify(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new TypeError(`${JSON.stringify(value)} has half a surrogate pair`);
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object") throw new TypeError(`a ${typeof value} is no JSON value`);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // The order of code units, which no locale changes; localeCompare would.
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${canonicalJson(name)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}
