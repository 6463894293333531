import { z } from "zod";
import { LABEL_LANGUAGES } from "../dataverse/localised-label.ts";

const share = z.number("must be a number").min(0, "must be 0 or more").max(1, "must be 1 or less");
const ms = z.int("must be a whole number of milliseconds").min(0, "must be 0 or more");
const count = z.int("must be a whole number").min(1, "must be 1 or more");

/** How webhooks go wrong; shares are of all posts. */
const webhookFaults = z.strictObject({
  /** Never posted, and no job tells of it. */
  loss: share.default(0),
  /** Posted twice, each with a delay of its own. */
  duplicate: share.default(0),
  /** From the write to the post: anything between the two. */
  delayMs: z
    .tuple([ms, ms])
    .refine(([least, most]) => least <= most, "must be [least, most]")
    .default([0, 0]),
  /** Held back by `reorderMs` more, so that later posts overtake. */
  reorder: share.default(0),
  reorderMs: ms.default(1_000),
  /** Posted as if above 256 KB: without parent, parameters and images. */
  sizeExceeded: share.default(0),
  /** From an answer 502, 503 or 504 to the one retry. */
  retryDelayMs: ms.default(1_000),
  /** Dataverse waits 60 s for an answer. */
  timeoutMs: ms.min(1, "must be 1 or more").default(60_000),
  /**
   * How a multi-select column is written, which is not documented: a list of OptionSetValues, an
   * OptionSetValueCollection, or the comma-joined string that the Web API has.
   */
  multiSelect: z.enum(["options", "collection", "string"]).default("options"),
});

const rule = {
  /** Of the matching requests. */
  share: share.default(1),
  /** Only the next so many that it hits; then the rule is gone. Null = no end. */
  next: count.nullable().default(null),
  /** Text that the path and query contain, decoded, e.g. `msdyn_ocrecordings`; absent = every request. */
  path: z.string().optional(),
  method: z.enum(["GET", "POST", "PATCH", "DELETE"]).optional(),
  /** Seconds, of the three limits and of `unavailable`. */
  retryAfterS: z.int("must be a whole number of seconds").min(0, "must be 0 or more").default(2),
  /** How `Retry-After` is written: Dataverse has seconds, a proxy may have a date. */
  retryAfterAs: z.enum(["seconds", "date"]).default("seconds"),
  /** Of `slow`. */
  delayMs: ms.default(2_000),
};

const webApiRule = z.strictObject({
  fault: z.enum([
    /** 429 with each of the service protection limits' codes: 0x80072322, 0x80072321, 0x80072326. */
    "too-many-requests",
    "too-much-time",
    "too-many-at-once",
    /** 401, as for a token whose time has come. */
    "expired",
    /** 403. */
    "forbidden",
    /** 404, as for a row that is not there. */
    "not-found",
    /** 503 with a proxy's page. */
    "unavailable",
    /** Answered after `delayMs`. */
    "slow",
    /** The connection is cut in the middle of the body. */
    "torn",
  ]),
  ...rule,
});

const blobRule = z.strictObject({
  fault: z.enum([
    /** 403, as for a link whose time has come. */
    "expired",
    /** 401, as where the tenant lets nobody in from this address. */
    "forbidden",
    /** 503 `ServerBusy`. */
    "unavailable",
    /** The connection is cut before the answer. */
    "unreachable",
    /** The connection is cut after so many bytes of the body. */
    "torn",
    /** After so many bytes of the body nothing comes any more. */
    "stalled",
    /** One byte of the body is another. */
    "corrupt",
  ]),
  ...rule,
  afterBytes: z.int("must be a whole number").min(0, "must be 0 or more").default(0),
});

const tokenRule = z.strictObject({
  fault: z.enum(["invalid-secret", "unavailable", "slow", "torn"]),
  ...rule,
});

export const faultSettingsSchema = z.strictObject({
  /** What all that is random comes from. */
  seed: z.int("must be a whole number").default(1),
  webhooks: webhookFaults.prefault({}),
  /** The first rule that hits a request decides. */
  webApi: z.array(webApiRule).default([]),
  token: z.array(tokenRule).default([]),
  /** Of the files' links. */
  blob: z.array(blobRule).default([]),
  /** Whether files can be had by link; false: as in an environment with a key of its own (BYOK). */
  links: z.boolean("must be true or false").default(true),
  /** Change tracking of the recordings' table. */
  changeTracking: z
    .strictObject({
      enabled: z.boolean("must be true or false").default(false),
      /** How long a delta link is good; Dataverse's default is 7 days. */
      linkLifetimeS: count.default(604_800),
    })
    .prefault({}),
  /** The service protection limits of Dataverse, per user. */
  limits: z
    .strictObject({
      requests: count.default(6_000),
      windowS: count.default(300),
      /** Requests under way at the same time. */
      atOnce: count.default(52),
    })
    .prefault({}),
  /** How far the `Date` header of every answer is ahead of the simulator's clock. */
  dateSkewMs: z.int("must be a whole number of milliseconds").default(0),
  /** Of the labels in annotations and posts: that of the user for whom they are made. */
  language: z.enum(LABEL_LANGUAGES).default("en"),
});

export type FaultSettings = z.output<typeof faultSettingsSchema>;
export type FaultSettingsInput = z.input<typeof faultSettingsSchema>;
export type WebApiRule = FaultSettings["webApi"][number];
export type MultiSelectForm = FaultSettings["webhooks"]["multiSelect"];
export type BlobRule = FaultSettings["blob"][number];
