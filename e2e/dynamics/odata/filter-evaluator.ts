import {
  type Cell,
  type ColumnType,
  columnOfProperty,
  type EntityType,
  type Row,
} from "../dataverse/columns.ts";
import { badQuery, unknownProperty } from "./dataverse-error.ts";
import type { LiteralType } from "./filter-lexer.ts";
import type { Comparison, FilterNode, Operand } from "./filter-parser.ts";

const EDM_NAMES: Record<Exclude<LiteralType, "null">, string> = {
  boolean: "Edm.Boolean",
  number: "Edm.Int32",
  string: "Edm.String",
  guid: "Edm.Guid",
  datetime: "Edm.DateTimeOffset",
};
const OPERATOR_KINDS: Record<Comparison, string> = {
  eq: "Equal",
  ne: "NotEqual",
  gt: "GreaterThan",
  ge: "GreaterThanOrEqual",
  lt: "LessThan",
  le: "LessThanOrEqual",
};

/**
 * Turns a filter into a test of rows, every name and type checked once.
 *
 * @throws DataverseError 400 for unknown properties, and for sides of different types (a quoted guid is a string).
 */
export function compileFilter(node: FilterNode, entity: EntityType): (row: Row) => boolean {
  switch (node.kind) {
    case "and":
    case "or": {
      const left = compileFilter(node.left, entity);
      const right = compileFilter(node.right, entity);
      return node.kind === "and" ? (row) => left(row) && right(row) : (row) => left(row) || right(row);
    }
    case "not": {
      const inner = compileFilter(node.of, entity);
      return (row) => !inner(row);
    }
    case "compare": {
      const left = compileOperand(node.left, entity);
      const right = compileOperand(node.right, entity);
      if (left.type !== "null" && right.type !== "null" && left.type !== right.type) {
        throw badQuery(
          "A binary operator with incompatible types was detected. Found operand types " +
            `'${EDM_NAMES[left.type]}' and '${EDM_NAMES[right.type]}' for operator kind '${OPERATOR_KINDS[node.by]}'.`,
        );
      }
      return (row) => holds(node.by, left.read(row), right.read(row));
    }
  }
}

/**
 * The order of two cells as the database sorts them: null first, text without regard to case.
 *
 * @returns negative, 0 or positive.
 */
export function compareCells(left: Cell, right: Cell): number {
  if (left === null || right === null) return Number(left !== null) - Number(right !== null);
  const [a, b] = [folded(left), folded(right)];
  return a < b ? -1 : Number(a > b);
}

function compileOperand(
  operand: Operand,
  entity: EntityType,
): { type: LiteralType; read: (row: Row) => Cell } {
  if (operand.kind === "literal") return { type: operand.type, read: () => operand.value };
  const found = columnOfProperty(entity, operand.name);
  if (found === undefined) throw unknownProperty(operand.name, entity.logicalName);
  return { type: literalTypeOf(found.type), read: (row) => row[found.column] ?? null };
}

function literalTypeOf(type: ColumnType): LiteralType {
  switch (type.kind) {
    case "guid":
    case "lookup":
    case "file":
      return "guid";
    case "string":
    case "secret":
    case "choices":
      return "string";
    case "integer":
    case "bigint":
    case "choice":
      return "number";
    case "boolean":
    case "datetime":
      return type.kind;
  }
}

// OData 4.01 URL conventions 5.1.1.1: null equals only null, and no order comparison with null holds.
function holds(by: Comparison, left: Cell, right: Cell): boolean {
  if (by === "eq") return compareCells(left, right) === 0;
  if (by === "ne") return compareCells(left, right) !== 0;
  if (left === null || right === null) return false;
  const order = compareCells(left, right);
  switch (by) {
    case "gt":
      return order > 0;
    case "ge":
      return order >= 0;
    case "lt":
      return order < 0;
    case "le":
      return order <= 0;
  }
}

/** SQL Server's default collation of Dataverse ignores case. */
function folded(cell: string | number | boolean): string | number {
  return typeof cell === "string" ? cell.toLowerCase() : Number(cell);
}
