import type { RequestHandler } from "express";
import { z } from "zod";
import { parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { EnrolmentTokens } from "../trust/enrolment-tokens.ts";
import { whileStored } from "./while-stored.ts";

const NOTE_MAX = 200;
const USES_MAX = 1_000_000;
const DAY_S = 86_400;
const VALID_DAYS_MAX = 366;
const USES = `must be a whole number from 1 to ${USES_MAX}, or null for any number`;
const VALID = `must be a number of seconds, more than 0 and at most ${VALID_DAYS_MAX} days`;

export const enrolmentWishSchema = z.strictObject({
  note: z
    .string("must be a text")
    .trim()
    .max(NOTE_MAX, `must have at most ${NOTE_MAX} characters`)
    .default(""),
  uses: z.int(USES).min(1, USES).max(USES_MAX, USES).nullable().default(1),
  validForS: z
    .number(VALID)
    .positive(VALID)
    .max(VALID_DAYS_MAX * DAY_S, VALID)
    .default(DAY_S),
});

/** `POST /v1/enrollment-tokens`: 201 with the token, which is told this once. */
export function onMakeEnrollmentToken(tokens: EnrolmentTokens): RequestHandler {
  return async (request, response) => {
    const wish = parseRequest(enrolmentWishSchema, request.body ?? {}, "the token");
    const { id, token, expiresAt } = await whileStored(() => tokens.make(wish, "admin"));
    const { note, uses } = wish;
    response.set("Cache-Control", "no-store");
    response.status(201).json({ id, token, note, uses, expiresAt: formatInstant(expiresAt) });
  };
}
