import type { DataverseStore } from "../dataverse/dataverse-store.ts";
import type { LabelLanguage } from "../dataverse/localised-label.ts";
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
  /** Of the labels in annotations. */
  readonly language: () => LabelLanguage;
}
