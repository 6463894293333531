import { expect, test } from "vitest";
import { DataverseError } from "./dataverse-error.ts";
import type { LiteralType } from "./filter-lexer.ts";
import { type Comparison, type FilterNode, type Operand, parseFilter } from "./filter-parser.ts";

const property = (name: string): Operand => ({ kind: "property", name });
const constant = (type: LiteralType, value: string | number | boolean | null): Operand => ({
  kind: "literal",
  type,
  value,
});
const compare = (left: Operand, by: Comparison, right: Operand): FilterNode => ({
  kind: "compare",
  by,
  left,
  right,
});
const is = (name: string) => compare(property(name), "eq", constant("number", 1));

const GUID = "A1C20B02-4E38-4f11-a315-000d3a5a54dc";

test.each<[text: string, right: Operand]>([
  ["x eq null", constant("null", null)],
  ["x eq true", constant("boolean", true)],
  ["x eq false", constant("boolean", false)],
  ["x eq 12", constant("number", 12)],
  ["x eq -0.5", constant("number", -0.5)],
  ["x eq 'it''s'", constant("string", "it's")],
  ["x eq ''", constant("string", "")],
  ["x eq 'a and (b'", constant("string", "a and (b")],
  [`x eq ${GUID}`, constant("guid", GUID.toLowerCase())],
  ["x eq 12345678-1234-1234-1234-123456789012", constant("guid", "12345678-1234-1234-1234-123456789012")],
  ["x eq 2026-03-02T10:00:00Z", constant("datetime", Date.UTC(2026, 2, 2, 10))],
  ["x eq 2026-03-02T10:00:00.250+02:00", constant("datetime", Date.UTC(2026, 2, 2, 8, 0, 0, 250))],
  ["x eq 2026-03-02", constant("datetime", Date.UTC(2026, 2, 2))],
  ["  x   eq\t_y_value ", property("_y_value")],
])("%s is a comparison with the constant of its type", (text, right) => {
  expect(parseFilter(text)).toEqual(compare(property("x"), "eq", right));
});

test.each<[text: string, tree: FilterNode]>([
  [
    "a eq 1 or b eq 1 and c eq 1",
    { kind: "or", left: is("a"), right: { kind: "and", left: is("b"), right: is("c") } },
  ],
  [
    "(a eq 1 or b eq 1) and c eq 1",
    { kind: "and", left: { kind: "or", left: is("a"), right: is("b") }, right: is("c") },
  ],
  ["not a eq 1 and b eq 1", { kind: "and", left: { kind: "not", of: is("a") }, right: is("b") }],
  ["not (a eq 1 and b eq 1)", { kind: "not", of: { kind: "and", left: is("a"), right: is("b") } }],
  ["not not((a eq 1))", { kind: "not", of: { kind: "not", of: is("a") } }],
  [
    "a eq 1 and b eq 1 and c eq 1",
    { kind: "and", left: { kind: "and", left: is("a"), right: is("b") }, right: is("c") },
  ],
])("%s binds as OData says: not, then and, then or", (text, tree) => {
  expect(parseFilter(text)).toEqual(tree);
});

test.each<[by: Comparison]>([["eq"], ["ne"], ["gt"], ["ge"], ["lt"], ["le"]])("%s is an operator", (by) => {
  expect(parseFilter(`1 ${by} x`)).toEqual(compare(constant("number", 1), by, property("x")));
});

test.each([
  ["", 400, "Syntax error at position 0 in ''."],
  ["x", 400, "Syntax error at position 1 in 'x'."],
  ["x eq", 400, "Syntax error at position 4 in 'x eq'."],
  ["x = 1", 400, "Syntax error: character '=' is not valid at position 2 in 'x = 1'."],
  ["x like 1", 400, "Syntax error at position 2 in 'x like 1'."],
  ["x eq 1 y eq 2", 400, "Syntax error at position 7 in 'x eq 1 y eq 2'."],
  ["(x eq 1", 400, "Syntax error at position 7 in '(x eq 1'."],
  ["x eq 1)", 400, "Syntax error at position 6 in 'x eq 1)'."],
  ["x eq 'open", 400, "Syntax error: character ''' is not valid at position 5 in 'x eq 'open'."],
  ["x eq 1abc", 400, "Syntax error: character '1' is not valid at position 5 in 'x eq 1abc'."],
  ["x ge 2026-13-02T10:00:00Z", 400, "'2026-13-02T10:00:00Z' at position 5 is no date-time."],
  ["contains(x,'a')", 501, "the Dynamics simulator does not know the filter function contains"],
])("%j is refused with the place of the fault", (text, status, message) => {
  const refuse = () => parseFilter(text);
  expect(refuse).toThrow(DataverseError);
  expect(refuse).toThrow(expect.objectContaining({ status, message }));
});
