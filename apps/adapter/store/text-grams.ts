/** What the index of texts is made of: so many characters in a row. */
export const GRAM = 3;

/** Each piece of a text once. */
export function gramsOf(text: string): string[] {
  const characters = Array.from(text);
  const count = Math.max(0, characters.length - GRAM + 1);
  return [...new Set(Array.from({ length: count }, (_, at) => characters.slice(at, at + GRAM).join("")))];
}
