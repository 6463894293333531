import { z } from "zod";
import type { ListPosition } from "../call-buffer/recording-reader.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 500;

const positionSchema = z.tuple([z.number(), z.string().min(1)]);

/** `limit=` of a list. */
export const limitSchema = z
  .string()
  .regex(/^\d{1,9}$/, "must be a whole number")
  .transform(Number)
  .refine((limit) => limit >= 1 && limit <= LIMIT_MAX, `must be 1 to ${LIMIT_MAX}`)
  .default(LIMIT_DEFAULT);

/** `cursor=` of a list: where the page before has ended. */
export const cursorSchema = z.string().transform((text, context): ListPosition => {
  const parsed = positionSchema.safeParse(decodeJson(text));
  if (parsed.success) return { startedAt: parsed.data[0], id: parsed.data[1] };
  context.addIssue({ code: "custom", message: "must be the cursor of an earlier answer" });
  return z.NEVER;
});

/** What an answer gives for the next page; null: there is none. */
export function encodeCursor(position: ListPosition | null): string | null {
  if (position === null) return null;
  return Buffer.from(JSON.stringify([position.startedAt, position.id])).toString("base64url");
}

function decodeJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return null; // The schema says what is wrong.
  }
}
