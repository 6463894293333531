import { z } from "zod";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { type FieldProblem, fieldProblems, jsonPointer } from "#shared/runtime/schema-problems.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { RowCell, RowCells, RowState } from "../domain/dynamics/row-state.ts";
import { COLUMN, type Column, guidSchema, parseDataverseTime } from "./row-cells.ts";
import { columnsOf, ROW_KINDS, ROW_TABLES, type RowKind } from "./row-schemas.ts";

/** What Dataverse leaves out of a post above 256 KB, it says in this header; then the row must be read. */
export const SIZE_EXCEEDED_HEADER = "x-ms-dynamics-msg-size-exceeded";

/** A post that is no RemoteExecutionContext, or has a value of a form that no column has; `problems` name each fault. */
export class WebhookError extends DeskreelError {
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[]) {
    const list = problems.map(({ path, message }) => `${path || "/"}: ${message}`).join("; ");
    super(
      "BAD_WEBHOOK",
      `the post is not what a Dataverse webhook sends (${list}); is another service posting here?`,
    );
    this.problems = problems;
  }
}

/** What a webhook's post tells. */
export type RemoteContext =
  /** A row was made or changed. */
  | {
      kind: "row";
      table: RowKind;
      id: string;
      message: "Create" | "Update";
      /** All that the post shows of the row; null when the row must be read: the post was cut for its size. */
      state: RowState | null;
      /** When it was written: `modifiedon`, else `OperationCreatedOn`; whole seconds. */
      at: EpochMs;
    }
  /** Nothing for the recorder: another table or message. */
  | { kind: "other"; table: string; message: string };

const attributesSchema = z.array(z.object({ key: z.string(), value: z.unknown() }));
const entitySchema = z.object({
  Attributes: attributesSchema,
  // A number as text. What is none says nothing, and the time orders the state.
  RowVersion: z
    .unknown()
    .transform((version) => (/^\d{1,15}$/.test(String(version)) ? Number(version) : null)),
});
const parametersSchema = z
  .array(z.object({ key: z.string(), value: z.unknown() }))
  .nullish()
  .transform((list) => list ?? []);

const contextSchema = z.object({
  MessageName: z.string("must be the message's name").min(1),
  PrimaryEntityName: z.string("must be the table's name").min(1),
  PrimaryEntityId: guidSchema,
  OperationCreatedOn: z.string("must be a time").transform((text, context) => {
    const at = parseDataverseTime(text);
    if (at !== null) return at;
    context.addIssue({ code: "custom", message: "must be a time, e.g. /Date(1772445762000+0000)/" });
    return z.NEVER;
  }),
  InputParameters: parametersSchema,
  PostEntityImages: parametersSchema,
});

/**
 * Reads the body of a Dataverse webhook (RemoteExecutionContext; learn.microsoft.com, "Use webhooks to create external
 * handlers for server events").
 *
 * The state has the columns of `Target`, which an update writes, and of the post images, which show the row after it.
 * Images leave empty columns out: one that has `modifiedon` and all else that is never empty shows the whole row, so
 * what it leaves out is empty; a thinner one, or none, shows only what it has. A `Create` has all that is not empty in
 * `Target`.
 *
 * @param headers - by lower-case name.
 * @throws WebhookError `BAD_WEBHOOK`.
 */
export function readRemoteContext(
  body: unknown,
  headers: Readonly<Record<string, string | string[] | undefined>>,
): RemoteContext {
  const context = parse(contextSchema, body, []);
  const { MessageName: message, PrimaryEntityName: entity, PrimaryEntityId: id } = context;
  const table = ROW_KINDS.find((kind) => ROW_TABLES[kind].logicalName === entity.toLowerCase());
  if (table === undefined || (message !== "Create" && message !== "Update")) {
    return { kind: "other", table: entity, message };
  }
  const isCut = headers[SIZE_EXCEEDED_HEADER] !== undefined;
  const targetAt = context.InputParameters.findIndex(({ key }) => key === "Target");
  if (isCut || targetAt < 0) {
    return { kind: "row", table, id, message, state: null, at: context.OperationCreatedOn };
  }
  const problems: FieldProblem[] = [];
  const read = (list: "InputParameters" | "PostEntityImages", index: number) =>
    readEntity(table, context[list][index]?.value, [list, index, "value"], problems);
  const target = read("InputParameters", targetAt);
  const images = context.PostEntityImages.map((_, index) => read("PostEntityImages", index));
  if (problems.length > 0) throw new WebhookError(problems);
  const shown = [target, ...images];
  const known: RowCells = Object.assign({}, ...shown.map(({ cells }) => cells));
  const showsRow = message === "Create" ? hasAllSet(table, known) : images.some((one) => isWhole(table, one));
  const empty = showsRow ? Object.fromEntries(columnsOf(table).map((name) => [name, null])) : {};
  const versions = shown.flatMap(({ version }) => (version === null ? [] : [version]));
  const at =
    shown.findLast(({ modifiedAt }) => modifiedAt !== null)?.modifiedAt ?? context.OperationCreatedOn;
  const state: RowState = {
    id,
    version: versions.length === 0 ? null : Math.max(...versions),
    modifiedAt: at,
    source: "post",
    cells: { ...empty, ...known },
    written: target.names,
  };
  return { kind: "row", table, id, message, state, at };
}

interface ShownEntity {
  cells: RowCells;
  /** Of all attributes, also those that no row is read from. */
  names: readonly string[];
  version: number | null;
  modifiedAt: EpochMs | null;
}

function readEntity(
  table: RowKind,
  value: unknown,
  place: readonly PropertyKey[],
  problems: FieldProblem[],
): ShownEntity {
  const { Attributes: attributes, RowVersion: version } = parse(entitySchema, value, place);
  const columns: Readonly<Record<string, Column<RowCell>>> = {
    ...ROW_TABLES[table].columns,
    modifiedon: COLUMN.time,
  };
  const cells: Record<string, RowCell> = {};
  for (const [position, attribute] of attributes.entries()) {
    const schema = Object.hasOwn(columns, attribute.key) ? columns[attribute.key]?.schema : undefined;
    const parsed = schema?.safeParse(attribute.value ?? null);
    if (parsed?.success) cells[attribute.key] = parsed.data;
    if (parsed?.error)
      problems.push(...problemsAt([...place, "Attributes", position, "value"], parsed.error));
  }
  const { modifiedon = null, ...rest } = cells;
  const names = attributes.map(({ key }) => key);
  return { cells: rest, names, version, modifiedAt: typeof modifiedon === "number" ? modifiedon : null };
}

/** Whether an image shows the whole row: those of our registration have `modifiedon`, which is never empty. */
function isWhole(table: RowKind, image: ShownEntity): boolean {
  return image.modifiedAt !== null && hasAllSet(table, image.cells);
}

/** Whether all is there that Dataverse never leaves empty. */
function hasAllSet(table: RowKind, cells: RowCells): boolean {
  return Object.entries(ROW_TABLES[table].columns).every(
    ([name, { isAlwaysSet }]) => !isAlwaysSet || (cells[name] ?? null) !== null,
  );
}

/** @throws WebhookError */
function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: readonly PropertyKey[],
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new WebhookError(problemsAt(place, parsed.error));
}

function problemsAt(place: readonly PropertyKey[], error: z.ZodError): FieldProblem[] {
  return fieldProblems(error).map(({ path, message }) => ({ path: jsonPointer(place) + path, message }));
}
