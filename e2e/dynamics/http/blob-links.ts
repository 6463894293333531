import { createHmac, randomBytes } from "node:crypto";
import { secretsEqual } from "#shared/http/guards.ts";
import { parseRfc3339 } from "#shared/time/rfc3339.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";

/** Where blobs are served under the simulator's URL; Dataverse's are on another host, `*.blob.core.windows.net`. */
export const BLOB_PATH = "/blob";

/** Makes and checks the signed links of blobs (Azure Storage shared access signatures, in short). */
export class BlobLinks {
  readonly #clock: Clock;
  readonly #lifetimeS: number;
  readonly #key = randomBytes(32);

  /** @param lifetimeS - how long a link is valid, in seconds; Dataverse's are valid for one hour. */
  constructor(clock: Clock, lifetimeS: number) {
    this.#clock = clock;
    this.#lifetimeS = lifetimeS;
  }

  /** The path and query of a link to a file, valid from now on for its lifetime. */
  sign(fileId: string): string {
    const expiry = new Date(this.#clock.now() + this.#lifetimeS * 1000).toISOString();
    const query = new URLSearchParams({
      sv: "2024-11-04",
      sr: "b",
      sp: "r",
      se: expiry,
      sig: this.#seal(fileId, expiry),
    });
    return `${BLOB_PATH}/${fileId}?${query.toString()}`;
  }

  /** What is wrong with a link; null when it is good. */
  faultOf(fileId: string, query: URLSearchParams): "signature" | "expired" | null {
    const expiry = query.get("se") ?? "";
    if (!secretsEqual(query.get("sig") ?? "", this.#seal(fileId, expiry))) return "signature";
    const at: EpochMs | null = parseRfc3339(expiry);
    return at === null || this.#clock.now() >= at ? "expired" : null;
  }

  #seal(fileId: string, expiry: string): string {
    return createHmac("sha256", this.#key).update(`${fileId}\n${expiry}`).digest("base64");
  }
}
