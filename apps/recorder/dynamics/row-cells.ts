import { z } from "zod";
import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { cutToSecond } from "../domain/dynamics/whole-seconds.ts";

/** How a column is read, from a webhook's attribute and from the Web API's JSON alike. */
export interface Column<Value> {
  /** Lookups are `_{column}_value` in the Web API. */
  isLookup: boolean;
  /** Dataverse writes it when it makes the row and never clears it, so an image without it does not show the row. */
  isAlwaysSet: boolean;
  schema: z.ZodType<Value>;
}

/** `/Date(1772445761000)/` or `/Date(1772445761000+0000)/`: the offset says where it was written, not when. */
const DATE_TEXT = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;
const GUID = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i;

/** A time as webhooks and the Web API write it, cut to whole seconds; null when it is none. */
export function parseDataverseTime(text: string): EpochMs | null {
  const ms = DATE_TEXT.exec(text)?.[1];
  const at = ms === undefined ? parseRfc3339(text) : Number(ms);
  return at === null ? null : cutToSecond(at);
}

const time = z
  .string("must be a time, e.g. /Date(1772445761000)/ or 2026-03-02T10:02:41Z")
  .transform((text, context) => {
    const at = parseDataverseTime(text);
    if (at !== null) return at;
    context.addIssue({
      code: "custom",
      message: `must be a time, e.g. /Date(1772445761000)/ or 2026-03-02T10:02:41Z, not ${JSON.stringify(text.slice(0, 40))}`,
    });
    return z.NEVER;
  });

/** A guid, with or without braces, read into lower case. */
export const guidSchema = z
  .string("must be a guid")
  .regex(GUID, "must be a guid")
  .transform((text) => text.replace(GUID, "$1").toLowerCase());

/** A lookup: a guid in the Web API, an EntityReference in webhooks. */
const reference = z
  .union([guidSchema, z.object({ Id: guidSchema })], "must be a guid or an EntityReference")
  .transform((value) => (typeof value === "string" ? value : value.Id));

/** A number, alone or as an OptionSetValue; labels are localised and never read. */
const choice = z
  .union([z.int(), z.object({ Value: z.int() })], "must be a number or an OptionSetValue")
  .transform((value) => (typeof value === "number" ? value : value.Value));

/** How a multi-select comes in a webhook is not documented: every form that Dataverse has for it is read. */
const choices = z
  .union(
    [
      z
        .string()
        .regex(/^\s*(-?\d+\s*(,\s*-?\d+\s*)*)?$/)
        .transform(splitNumbers),
      choice.transform((value) => [value]),
      z.array(choice),
      z.object({ Value: z.array(choice) }).transform(({ Value }) => Value),
    ],
    "must be numbers: a list, a text with commas, or an OptionSetValueCollection",
  )
  .transform((values) => [...new Set(values)].sort((left, right) => left - right));

function splitNumbers(text: string): number[] {
  return text.trim() === "" ? [] : text.split(",").map(Number);
}

const text = z.string("must be a text").transform((value) => (value.trim() === "" ? null : value.trim()));

function column<Value>(schema: z.ZodType<Value>, options: Partial<Column<Value>> = {}): Column<Value | null> {
  return { isLookup: false, isAlwaysSet: false, ...options, schema: schema.nullable() };
}

const IS_LOOKUP = { isLookup: true };
const IS_ALWAYS_SET = { isAlwaysSet: true };

/** The kinds of columns that rows are read from; `set…` are never empty in Dataverse. */
export const COLUMN = {
  time: column(time),
  setTime: column(time, IS_ALWAYS_SET),
  lookup: column(reference, IS_LOOKUP),
  setLookup: column(reference, { ...IS_LOOKUP, ...IS_ALWAYS_SET }),
  guid: column(guidSchema),
  choice: column(choice),
  setChoice: column(choice, IS_ALWAYS_SET),
  choices: column(choices),
  flag: column(z.boolean("must be true or false")),
  text: column(text),
} as const;
