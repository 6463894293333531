import { createHash } from "node:crypto";
import type { Cell } from "../dataverse/columns.ts";
import { badQuery } from "./dataverse-error.ts";

/** Where a page ended: the order's values of its last row, so that rows which change between pages shift nothing. */
export interface PageEnd {
  /** The number of the page that comes next, from 2. */
  readonly nextPage: number;
  readonly last: readonly Cell[];
}

/** Of links to further pages of changes: the version as of which the query was begun. Dataverse hides its own in the token. */
export const BEGUN = "begun";

const COOKIE = /^<cookie pagenumber="(\d+)" pagingcookie="([^"]+)" istracking="False" \/>$/;
const INNER = /^<cookie query="([0-9a-f]+)" last="([\w-]+)" \/>$/;

/**
 * The value of `$skiptoken`, percent-encoded for a URL. It looks like Dataverse's paging cookie (XML in XML, encoded
 * three times), so that a client which decodes and re-encodes a nextLink instead of following it verbatim is caught.
 */
export function encodeSkipToken(query: string, end: PageEnd): string {
  const last = Buffer.from(JSON.stringify(end.last)).toString("base64url");
  const inner = `<cookie query="${fingerprint(query)}" last="${last}" />`;
  const twice = encodeTwice(inner);
  return encodeURIComponent(
    `<cookie pagenumber="${end.nextPage}" pagingcookie="${twice}" istracking="False" />`,
  );
}

/**
 * Reads a `$skiptoken` that one percent-decoding was already done on.
 *
 * @throws DataverseError 400 when it is not from here, or comes with other query options than it was made for.
 */
export function decodeSkipToken(query: string, token: string): PageEnd {
  const [, pageNumber, twice] = COOKIE.exec(token) ?? [];
  const [, madeFor, last] = INNER.exec(decodeTwice(twice ?? "")) ?? [];
  if (pageNumber === undefined || last === undefined) throw malformed("it is not one that this service made");
  if (madeFor !== fingerprint(query)) throw malformed("it was made for other query options");
  return {
    nextPage: Number(pageNumber),
    last: JSON.parse(Buffer.from(last, "base64url").toString()) as Cell[],
  };
}

/** Decodes what {@link encodeTwice} made; empty for anything else, such as a token that was decoded once too often. */
function decodeTwice(text: string): string {
  try {
    const decoded = decodeURIComponent(decodeURIComponent(text));
    return encodeTwice(decoded) === text ? decoded : "";
  } catch {
    return ""; // Not percent-encoded: no token of ours, which the caller says.
  }
}

function encodeTwice(text: string): string {
  return encodeURIComponent(encodeURIComponent(text));
}

/** The query without what links to further pages add, in a form that equal queries share. */
function fingerprint(query: string): string {
  const parameters = new URLSearchParams(query);
  parameters.delete("$skiptoken");
  parameters.delete(BEGUN);
  return createHash("sha256").update(parameters.toString()).digest("hex").slice(0, 16);
}

function malformed(why: string) {
  return badQuery(`Malformed $skiptoken: ${why}; follow @odata.nextLink verbatim.`);
}
