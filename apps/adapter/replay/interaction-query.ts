import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;
const TEXT_MAX = 256;

const text = z
  .string("must be given once")
  .trim()
  .min(1, "must not be empty")
  .max(TEXT_MAX, `must have at most ${TEXT_MAX} characters`);

function wholeNumber(min: number, max: number) {
  const rule = `must be a whole number from ${min} to ${max}`;
  return z
    .string(rule)
    .regex(/^\d+$/, rule)
    .transform(Number)
    .pipe(z.int(rule).min(min, rule).max(max, rule));
}

/** The filters of `GET /v1/interactions`, out of the URL's texts; `from` and `to` in epoch ms. */
export const interactionQuerySchema = z.strictObject({
  q: text.exactOptional(),
  agent: text.exactOptional(),
  customer: text.exactOptional(),
  queue: text.exactOptional(),
  from: instantSchema.exactOptional(),
  to: instantSchema.exactOptional(),
  minDurationMs: wholeNumber(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  coverage: z.enum(COVERAGE_WORDS, `must be one of ${COVERAGE_WORDS.join(", ")}`).exactOptional(),
  limit: wholeNumber(1, LIMIT_MAX).default(LIMIT_DEFAULT),
  cursor: text.exactOptional(),
});
