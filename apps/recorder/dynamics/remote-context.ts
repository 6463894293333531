import { z } from "zod";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { type FieldProblem, fieldProblems } from "#shared/runtime/schema-problems.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { RowState } from "../domain/dynamics/row-state.ts";
import { guidSchema, parseDataverseTime } from "./row-cells.ts";
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
  RowVersion: z.union([z.int(), z.string()]).nullish(),
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
 * Images leave empty columns out: an image that has what Dataverse always sets shows the whole row, so what it leaves
 * out is empty; a thinner one, or none, shows only what it has. A `Create` has all that is not empty in `Target`.
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
  const target = context.InputParameters.findIndex(({ key }) => key === "Target");
  if (headers[SIZE_EXCEEDED_HEADER] !== undefined) {
    return { kind: "row", table, id, message, state: null, at: context.OperationCreatedOn };
  }
  const written = parse(entitySchema, context.InputParameters[target]?.value, [
    "InputParameters",
    Math.max(target, 0),
    "value",
  ]);
  const images = context.PostEntityImages.map(({ value }, index) =>
    parse(entitySchema, value, ["PostEntityImages", index, "value"]),
  );
  throw new TypeError(`${table} ${written.Attributes.length} ${images.length} ${columnsOf(table).length}`);
}

function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  place: readonly PropertyKey[],
): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [...place, ...issue.path] }));
  throw new WebhookError(fieldProblems(new z.ZodError(issues)));
}
