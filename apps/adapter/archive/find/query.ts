import type { CoverageWord } from "#shared/api/coverage.ts";
import type { Manifest } from "#shared/archive/manifest.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { LifeStretch } from "../../domain/call-life.ts";

/** Which interactions are meant; everything that is given must hold. */
export interface InteractionFilter {
  /** Part of the id, an agent, an agent's name or any attribute of the call; letters' case does not count. */
  q?: string;
  /** `q` may be part of a comment or a tag too. */
  inNotes?: boolean;
  /** The whole agent id. */
  agent?: string;
  /** One of these agents took part, by their whole ids in lower case: what somebody may see at all. */
  anyAgent?: readonly string[];
  /** The whole customer, e.g. a phone number. */
  customer?: string;
  queue?: string;
  direction?: string;
  /** Attributes of the call, each with its whole value. */
  attributes?: readonly AttributeFilter[];
  /** The interaction started at this instant or later. */
  from?: EpochMs;
  /** The interaction started before this instant. */
  to?: EpochMs;
  minDurationMs?: DurationMs;
  coverage?: CoverageWord;
}

interface AttributeFilter {
  name: string;
  value: string;
}

/** By what a list is sorted; `-` is downwards. Of two that are alike the id decides, in the same direction. */
export const SORTS = ["-startedAt", "startedAt", "-durationMs", "durationMs"] as const;
export type Sort = (typeof SORTS)[number];

export interface InteractionQuery extends InteractionFilter {
  /** Newest first when not given. */
  sort?: Sort;
  /** Lines have what the page shows of a call beside what the manifest says. */
  withLife?: boolean;
  limit: number;
  /** From the page before; undefined for the first. */
  cursor?: string;
}

/** A line of the list: the manifest without what only the player needs. */
export type InteractionSummary = Omit<Manifest, "events" | "files" | "screens"> & {
  screens: Omit<Manifest["screens"][number], "coverage">[];
  /** With {@link InteractionQuery.withLife}. */
  life?: LifeStretch[];
  /** The name of the picture to show, if there is one. With {@link InteractionQuery.withLife}. */
  poster?: string | null;
  /** Why screens have no picture for a while. With {@link InteractionQuery.withLife}. */
  gapReasons?: string[];
};

export interface InteractionPage {
  items: InteractionSummary[];
  cursor: string | null;
}

/** How many interactions started when. */
export interface Histogram {
  /** How much time a bucket is, ms. */
  bucketMs: DurationMs;
  from: EpochMs;
  to: EpochMs;
  /** Those in which there is something, in order; `at` is where they begin. */
  buckets: { at: EpochMs; count: number }[];
}

export const FACET_FIELDS = ["agent", "queue", "direction"] as const;
export type FacetField = (typeof FACET_FIELDS)[number];

/** A value that there is, and what people call it. */
export interface Facet {
  value: string;
  label: string;
}
