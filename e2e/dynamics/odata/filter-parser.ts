import { badQuery, notSimulated } from "./dataverse-error.ts";
import { type Literal, type Token, tokenizeFilter } from "./filter-lexer.ts";

const COMPARISONS = ["eq", "ne", "gt", "ge", "lt", "le"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** A side of a comparison: a constant or a property by name. */
export type Operand = Literal | { readonly kind: "property"; readonly name: string };

/** A `$filter` as a tree. */
export type FilterNode =
  | { readonly kind: "and" | "or"; readonly left: FilterNode; readonly right: FilterNode }
  | { readonly kind: "not"; readonly of: FilterNode }
  | { readonly kind: "compare"; readonly by: Comparison; readonly left: Operand; readonly right: Operand };

/**
 * Reads a `$filter`: comparisons of properties and constants, joined by `or`, `and`, `not` (binding in that order,
 * loosest first) and parentheses.
 *
 * @throws DataverseError 400 when it is malformed, 501 for functions, which the simulator does not have.
 */
export function parseFilter(text: string): FilterNode {
  const cursor = { tokens: tokenizeFilter(text), next: 0, text };
  const node = parseOr(cursor);
  const rest = peek(cursor);
  if (rest.kind !== "end") throw syntaxError(cursor, rest);
  return node;
}

interface Cursor {
  readonly tokens: readonly Token[];
  readonly text: string;
  next: number;
}

function parseOr(cursor: Cursor): FilterNode {
  let left = parseAnd(cursor);
  while (takeWord(cursor, "or")) left = { kind: "or", left, right: parseAnd(cursor) };
  return left;
}

function parseAnd(cursor: Cursor): FilterNode {
  let left = parseNot(cursor);
  while (takeWord(cursor, "and")) left = { kind: "and", left, right: parseNot(cursor) };
  return left;
}

function parseNot(cursor: Cursor): FilterNode {
  if (takeWord(cursor, "not")) return { kind: "not", of: parseNot(cursor) };
  if (peek(cursor).kind !== "(") return parseComparison(cursor);
  cursor.next += 1;
  const inner = parseOr(cursor);
  const close = take(cursor);
  if (close.kind !== ")") throw syntaxError(cursor, close);
  return inner;
}

function parseComparison(cursor: Cursor): FilterNode {
  const left = parseOperand(cursor);
  const operator = take(cursor);
  const by = operator.kind === "word" ? COMPARISONS.find((known) => known === operator.text) : undefined;
  if (by === undefined) throw syntaxError(cursor, operator);
  return { kind: "compare", by, left, right: parseOperand(cursor) };
}

function parseOperand(cursor: Cursor): Operand {
  const token = take(cursor);
  if (token.kind === "literal") return { kind: "literal", type: token.type, value: token.value };
  if (token.kind !== "word") throw syntaxError(cursor, token);
  if (peek(cursor).kind === "(") throw notSimulated(`the filter function ${token.text}`);
  return { kind: "property", name: token.text };
}

function peek(cursor: Cursor): Token {
  return cursor.tokens[cursor.next] ?? { kind: "end", at: cursor.text.length };
}

function take(cursor: Cursor): Token {
  const token = peek(cursor);
  cursor.next += 1;
  return token;
}

function takeWord(cursor: Cursor, text: string): boolean {
  const token = peek(cursor);
  if (token.kind !== "word" || token.text !== text) return false;
  cursor.next += 1;
  return true;
}

function syntaxError(cursor: Cursor, token: Token) {
  return badQuery(`Syntax error at position ${token.at} in '${cursor.text}'.`);
}
