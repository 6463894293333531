import fc from "fast-check";
import { expect, test } from "vitest";
import type { EntityType, Row } from "../dataverse/columns.ts";
import { parseQueryOptions } from "./query-options.ts";
import { readPage } from "./read-page.ts";
import { decodeSkipToken, encodeSkipToken } from "./skip-token.ts";

const ENTITY: EntityType = {
  set: "things",
  logicalName: "thing",
  key: "id",
  primaryName: "id",
  columns: { id: { kind: "guid" }, size: { kind: "integer" } },
};
const rowsArbitrary = fc
  .uniqueArray(fc.uuid(), { maxLength: 30 })
  .chain((ids) =>
    fc.tuple(...ids.map((id) => fc.record({ id: fc.constant(id), size: fc.option(fc.nat(4)) }))),
  );
const queryArbitrary = fc.constantFrom(
  "",
  "$orderby=size",
  "$orderby=size desc",
  "$filter=size gt 1&$orderby=size asc",
);

/** Follows the pages as a client does; `between` may change the rows before each further page. */
function readAll(
  rows: Row[],
  query: string,
  pageSize: number,
  between: (rows: Row[]) => Row[] = (same) => same,
) {
  const seen: Row[] = [];
  let [current, link] = [rows, query];
  for (;;) {
    const options = parseQueryOptions(link, ENTITY, "set");
    const after = options.skipToken === null ? null : decodeSkipToken(link, options.skipToken);
    const page = readPage(current, ENTITY, options, pageSize, after);
    expect(page.rows.length).toBeLessThanOrEqual(pageSize);
    seen.push(...page.rows);
    if (page.end === null) return seen;
    link = `${query}&$skiptoken=${encodeSkipToken(query, page.end)}`;
    current = between(current);
  }
}

test("the pages of a query, one after the other, are the query's rows in order", () => {
  fc.assert(
    fc.property(rowsArbitrary, queryArbitrary, fc.integer({ min: 1, max: 8 }), (rows, query, pageSize) => {
      const whole = readPage(rows, ENTITY, parseQueryOptions(query, ENTITY, "set"), null, null);
      expect(readAll(rows, query, pageSize)).toEqual(whole.rows);
    }),
  );
});

test("a row that moves to the end of the order between two pages is seen again, and no other is missed or doubled", () => {
  fc.assert(
    fc.property(rowsArbitrary, fc.integer({ min: 1, max: 8 }), (rows, pageSize) => {
      let last = 10;
      const touchFirst = (current: Row[]) => {
        const first = current.toSorted((a, b) => Number(a["size"]) - Number(b["size"]))[0];
        last += 1;
        return last > 14 ? current : current.map((row) => (row === first ? { ...row, size: last } : row));
      };
      const seen = readAll(rows, "$orderby=size asc", pageSize, touchFirst);
      expect(new Set(seen.map((row) => row["id"]))).toEqual(new Set(rows.map((row) => row.id)));
      expect(new Set(seen.map((row) => JSON.stringify(row))).size).toBe(seen.length);
    }),
  );
});

test("$top cuts the rows, unless a page size is asked for", () => {
  const rows: Row[] = [1, 2, 3, 4].map((size) => ({ id: `${size}`, size }));
  const options = parseQueryOptions("$top=2&$orderby=size desc", ENTITY, "set");
  expect(readPage(rows, ENTITY, options, null, null)).toEqual({ rows: [rows[3], rows[2]], end: null });
  expect(readPage(rows, ENTITY, options, 3, null)).toEqual({
    rows: [rows[3], rows[2], rows[1]],
    end: { nextPage: 2, last: [2, "2"] },
  });
});

test.each([
  ["$skip=1", 400, "Skip Clause is not supported in CRM"],
  ["$top=0", 400, "Invalid value '0' for $top; allowed: a whole number from 1 to 5000."],
  ["$top=5001", 400, "Invalid value '5001' for $top; allowed: a whole number from 1 to 5000."],
  ["$select=id&$select=size", 400, "Query option '$select' was specified more than once."],
  [
    "$select=id,colour",
    400,
    "Could not find a property named 'colour' on type 'Microsoft.Dynamics.CRM.thing'.",
  ],
  ["$orderby=size up", 400, "Syntax error in $orderby at 'size up'; allowed: a property, then asc or desc."],
  [
    "$orderby=colour",
    400,
    "Could not find a property named 'colour' on type 'Microsoft.Dynamics.CRM.thing'.",
  ],
  ["$expand=owner", 501, "the Dynamics simulator does not know the query option $expand on a set"],
])("%s is refused", (query, status, message) => {
  expect(() => parseQueryOptions(query, ENTITY, "set")).toThrow(expect.objectContaining({ status, message }));
});

test("a skiptoken is good for the query that it was made for, and for nothing else", () => {
  const token = decodeURIComponent(encodeSkipToken("$top=1", { nextPage: 2, last: [7, "x", null] }));
  expect(decodeSkipToken("$top=1", token)).toEqual({ nextPage: 2, last: [7, "x", null] });
  expect(() => decodeSkipToken("$top=2", token)).toThrow(/made for other query options/);
  expect(() => decodeSkipToken("$top=1", decodeURIComponent(token))).toThrow(
    /not one that this service made/,
  );
  expect(() => decodeSkipToken("$top=1", "")).toThrow(/not one that this service made/);
});
