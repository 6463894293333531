import { expect, test } from "vitest";
import type { EntityType, Row } from "../dataverse/columns.ts";
import { compileFilter } from "./filter-evaluator.ts";
import { parseFilter } from "./filter-parser.ts";

const ENTITY: EntityType = {
  set: "things",
  logicalName: "thing",
  key: "id",
  primaryName: "name",
  columns: {
    id: { kind: "guid" },
    name: { kind: "string" },
    size: { kind: "integer" },
    open: { kind: "boolean" },
    at: { kind: "datetime" },
    owner: { kind: "lookup", targets: ["systemuser"] },
    channel: { kind: "choices", labels: {} },
    content: { kind: "file" },
  },
};
const OWNER = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
const FULL: Row = {
  id: "00000000-0000-4000-8000-000000000001",
  name: "Ann",
  size: 5,
  open: true,
  at: Date.UTC(2026, 2, 2, 10),
  owner: OWNER,
  channel: "192440000",
  content: OWNER,
};
const EMPTY: Row = {
  ...FULL,
  name: null,
  size: null,
  open: null,
  at: null,
  owner: null,
  channel: null,
  content: null,
};

test.each([
  ["name eq 'Ann'", true, false],
  ["name eq 'ANN'", true, false],
  ["name ne 'Ann'", false, true],
  ["name eq null", false, true],
  ["name ne null", true, false],
  ["size gt 4", true, false],
  ["size ge 5", true, false],
  ["size lt 5", false, false],
  ["size le 5", true, false],
  ["not (size gt 4)", false, true],
  ["5 eq size", true, false],
  ["open eq true", true, false],
  ["open ne true", false, true],
  ["at ge 2026-03-02T10:00:00Z", true, false],
  ["at gt 2026-03-02T10:00:00Z", false, false],
  ["at ge 2026-03-02 and at lt 2026-03-03", true, false],
  [`_owner_value eq ${OWNER.toUpperCase()}`, true, false],
  [`_owner_value eq null or size eq 5`, true, true],
  ["channel eq '192440000'", true, false],
  ["content eq null", false, true],
])("%s holds for the full row: %s, for the empty row: %s", (filter, full, empty) => {
  const test = compileFilter(parseFilter(filter), ENTITY);
  expect([test(FULL), test(EMPTY)]).toEqual([full, empty]);
});

test.each([
  ["colour eq 1", "0x0", "Could not find a property named 'colour' on type 'Microsoft.Dynamics.CRM.thing'."],
  ["owner eq null", "0x0", "Could not find a property named 'owner' on type 'Microsoft.Dynamics.CRM.thing'."],
  [
    "_size_value eq 1",
    "0x0",
    "Could not find a property named '_size_value' on type 'Microsoft.Dynamics.CRM.thing'.",
  ],
  [
    `_owner_value eq '${OWNER}'`,
    "0x80060888",
    "A binary operator with incompatible types was detected. Found operand types 'Edm.Guid' and 'Edm.String' for operator kind 'Equal'.",
  ],
  [
    "at ge '2026-03-02T10:00:00Z'",
    "0x80060888",
    "A binary operator with incompatible types was detected. Found operand types 'Edm.DateTimeOffset' and 'Edm.String' for operator kind 'GreaterThanOrEqual'.",
  ],
])("%s is refused", (filter, code, message) => {
  expect(() => compileFilter(parseFilter(filter), ENTITY)).toThrow(
    expect.objectContaining({ status: 400, code, message }),
  );
});
