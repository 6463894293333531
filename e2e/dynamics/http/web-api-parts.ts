import type { Clock } from "#shared/time/wall-clock.ts";
import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import type { Faults } from "../faults/faults.ts";
import type { AccessTokens } from "./access-tokens.ts";
import type { BlobLinks } from "./blob-links.ts";

/** Where the Web API lives under the environment's URL. */
export const WEB_API_PATH = "/api/data/v9.2";

/** What the Web API's routes work on. */
export interface WebApiParts {
  readonly store: DataverseStore;
  readonly tokens: AccessTokens;
  readonly blobs: BlobLinks;
  /** The environment's URL without a trailing slash. */
  readonly url: () => string;
  /** Where the files' links point to, likewise. */
  readonly blobUrl: () => string;
  readonly faults: Faults;
  readonly clock: Clock;
}
