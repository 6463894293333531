import { z } from "zod";
import { instantSchema } from "#shared/api/call-event.ts";
import { COVERAGE_WORDS } from "#shared/api/coverage.ts";
import { FACET_FIELDS, SORTS } from "../archive/find/query.ts";

const LIMIT_DEFAULT = 50;
const LIMIT_MAX = 200;
const TEXT_MAX = 256;
const ATTRIBUTES_MAX = 8;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

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

/** `name:value`, once or several times. */
const attributesSchema = z
  .union([
    z.string(),
    z.array(z.string()).max(ATTRIBUTES_MAX, `must be given ${ATTRIBUTES_MAX} times at most`),
  ])
  .transform((given) => [given].flat())
  .pipe(
    z.array(
      z
        .string()
        .max(TEXT_MAX, `must have at most ${TEXT_MAX} characters`)
        .regex(/^[^:]+:.+$/s, "must be name:value")
        .transform((pair) => {
          const colon = pair.indexOf(":");
          return { name: pair.slice(0, colon).trim(), value: pair.slice(colon + 1).trim() };
        }),
    ),
  );

/** What interactions are found by; `from` and `to` in epoch ms. */
const filters = {
  q: text.exactOptional(),
  agent: text.exactOptional(),
  customer: text.exactOptional(),
  queue: text.exactOptional(),
  direction: text.exactOptional(),
  attribute: attributesSchema.exactOptional(),
  from: instantSchema.exactOptional(),
  to: instantSchema.exactOptional(),
  minDurationMs: wholeNumber(0, Number.MAX_SAFE_INTEGER).exactOptional(),
  coverage: z.enum(COVERAGE_WORDS, `must be one of ${COVERAGE_WORDS.join(", ")}`).exactOptional(),
};

/** The filters and the order of `GET /v1/interactions`, out of the URL's texts. */
export const interactionQuerySchema = z
  .strictObject({
    ...filters,
    sort: z.enum(SORTS, `must be one of ${SORTS.join(", ")}`).exactOptional(),
    with: z.literal("life", "must be life").exactOptional(),
    limit: wholeNumber(1, LIMIT_MAX).default(LIMIT_DEFAULT),
    cursor: text.exactOptional(),
  })
  .transform(({ attribute, with: also, ...query }) => ({
    ...query,
    ...(attribute === undefined ? {} : { attributes: attribute }),
    ...(also === undefined ? {} : { withLife: true }),
  }));

/** The same filters for `GET /v1/interactions/histogram`. */
export const histogramQuerySchema = z
  .strictObject({ ...filters, bucketMs: wholeNumber(MINUTE_MS, 366 * 24 * HOUR_MS).default(HOUR_MS) })
  .transform(({ attribute, bucketMs, ...filter }) => ({
    bucketMs,
    filter: attribute === undefined ? filter : { ...filter, attributes: attribute },
  }));

/** The query of `GET /v1/facets`. */
export const facetQuerySchema = z.strictObject({
  field: z.enum(FACET_FIELDS, `must be one of ${FACET_FIELDS.join(", ")}`),
  q: text.exactOptional(),
});
