import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import { badQuery } from "./dataverse-error.ts";

/** What a literal is; a comparison takes only the type that the column has. */
export type LiteralType = "null" | "boolean" | "number" | "string" | "guid" | "datetime";

/** A constant of a filter; date-times as epoch ms, guids in lower case. */
export interface Literal {
  readonly kind: "literal";
  readonly type: LiteralType;
  readonly value: string | number | boolean | null;
}

/** A piece of a `$filter`; `at` = position of its first character. */
export type Token = { readonly at: number } & (
  | Literal
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "(" | ")" | "," | "end" }
);

// OData 4.01 ABNF, cut to what Dataverse columns need. Order matters: a guid may begin like a number, a date too.
const GUID = /[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}(?![\w-])/y;
const DATE_TIME = /\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2}))?(?![\w:-])/y;
const NUMBER = /-?\d+(?:\.\d+)?(?![\w.])/y;
const STRING = /'((?:[^']|'')*)'/y;
const WORD = /[A-Za-z_][\w./]*/y;
const SPACE = /\s+/y;

/**
 * Cuts a decoded `$filter` into tokens, the last one is `end`.
 *
 * @throws DataverseError 400 at the first character that begins no token.
 */
export function tokenizeFilter(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const space = match(SPACE, text, at);
    if (space !== null) {
      at += space[0].length;
      continue;
    }
    const { token, length } = readToken(text, at);
    tokens.push(token);
    at += length;
  }
  tokens.push({ at, kind: "end" });
  return tokens;
}

function readToken(text: string, at: number): { token: Token; length: number } {
  const sign = text[at];
  if (sign === "(" || sign === ")" || sign === ",") return { token: { at, kind: sign }, length: 1 };
  const guid = match(GUID, text, at);
  if (guid !== null) return literal(at, guid[0], "guid", guid[0].toLowerCase());
  const time = match(DATE_TIME, text, at);
  if (time !== null) {
    const value = parseRfc3339(time[0].includes("T") ? time[0] : `${time[0]}T00:00:00Z`);
    if (value === null) throw badQuery(`'${time[0]}' at position ${at} is no date-time.`);
    return literal(at, time[0], "datetime", value);
  }
  const number = match(NUMBER, text, at);
  if (number !== null) return literal(at, number[0], "number", Number(number[0]));
  const string = match(STRING, text, at);
  if (string !== null) return literal(at, string[0], "string", (string[1] ?? "").replaceAll("''", "'"));
  const word = match(WORD, text, at)?.[0];
  if (word === "null") return literal(at, word, "null", null);
  if (word === "true" || word === "false") return literal(at, word, "boolean", word === "true");
  if (word !== undefined) return { token: { at, kind: "word", text: word }, length: word.length };
  throw badQuery(`Syntax error: character '${sign}' is not valid at position ${at} in '${text}'.`);
}

function literal(at: number, text: string, type: LiteralType, value: Literal["value"]) {
  return { token: { at, kind: "literal" as const, type, value }, length: text.length };
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
