import { gramsOf } from "../../store/text-grams.ts";
import { type Lookups, SOME } from "./leads.ts";
import type { InteractionFilter } from "./query.ts";

/** So many pieces of a text, the rarest, leave hardly a row that does not have all of it; each is a list to walk. */
const PIECES = 2;
/** A text may be longer; this much of it tells it from others. */
const GRAMS_MOST = 64;
/** A short text in more pieces than these is in very many rows. */
export const EXPANDED_MOST = 400;

/**
 * The rows that have the texts of a filter, as far as the index of texts can tell: what it finds is still to be judged.
 *
 * @returns null when there is no text, or very many rows have it.
 */
export function findText(
  { q, queue, attributes = [] }: InteractionFilter,
  lookups: Lookups,
): number[] | null {
  const text = q?.toLowerCase();
  const wanted = [
    text === undefined ? null : (matchText(text, lookups.shareOf) ?? matchAny(lookups.expand(text))),
    ...attributes.map(({ value }) => matchText(value.toLowerCase(), lookups.shareOf)),
  ].filter((match) => match !== null);
  if (wanted.length === 0) return null;
  // A queue is in the texts too, and in few rows together with a text that does not go with it.
  const also = queue === undefined ? null : matchText(queue.toLowerCase(), lookups.shareOf);
  const found = lookups.find(
    [...wanted, ...(also === null ? [] : [also])].map((match) => `(${match})`).join(" AND "),
  );
  return found.length > SOME ? null : found;
}

/**
 * What the index of texts is asked for: the rarest pieces of a text, all of which a row must have that has the whole.
 *
 * @returns null when the text is shorter than a piece.
 */
export function matchText(text: string, shareOf: Lookups["shareOf"]): string | null {
  const grams = gramsOf(text).slice(0, GRAMS_MOST);
  if (grams.length === 0) return null;
  const shares = new Map(grams.map((gram) => [gram, shareOf(gram)]));
  const rarest = grams.toSorted((left, right) => (shares.get(left) ?? 0) - (shares.get(right) ?? 0));
  return rarest.slice(0, PIECES).map(quotePiece).join(" AND ");
}

/** @returns null when there are so many that most rows have one of them. */
function matchAny(grams: readonly string[]): string | null {
  if (grams.length > EXPANDED_MOST) return null;
  // No text has two line ends at its beginning, so nothing is found by it.
  return grams.length === 0 ? quotePiece("\n\n\n") : grams.map(quotePiece).join(" OR ");
}

/** As the index of texts is asked for it. */
export function quotePiece(gram: string): string {
  return `"${gram.replaceAll('"', '""')}"`;
}
