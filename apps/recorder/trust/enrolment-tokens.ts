import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import { secretsEqual, tokenHash } from "#shared/http/guards.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CallBuffer } from "../call-buffer/call-buffer.ts";

const TOKEN_BYTES = 24;
/** What `enrolledBy` says of the token of the tokens file. */
export const SITE_TOKEN = "site";

/** Why a desktop may not enrol: `WRONG_TOKEN`, `TOKEN_EXPIRED`, `TOKEN_USED_UP`, `KEY_REVOKED`. */
export class EnrolmentRefused extends DeskreelError {}

export interface EnrolmentTokensOptions {
  buffer: Pick<CallBuffer, "enrollmentTokens" | "commit">;
  /** The tokens file's own. */
  siteToken: string;
  clock: Clock;
  log: Log;
}

/** What a token is to be good for. */
export interface TokenWish {
  note: string;
  /** How many desktops may enrol with it; null: any number. */
  uses: number | null;
  validForS: number;
}

/** A token as it is told once. */
export interface MadeToken {
  id: string;
  token: string;
  expiresAt: EpochMs;
}

/** What desktops may enrol with: the site's token, and those that were made, for a while and for so many desktops. */
export class EnrolmentTokens {
  readonly #options: EnrolmentTokensOptions;

  constructor(options: EnrolmentTokensOptions) {
    this.#options = options;
  }

  /**
   * Durable when it resolves. Rejects with a storage error.
   *
   * @param by - the scope that asks for it.
   */
  async make({ note, uses, validForS }: TokenWish, by: string): Promise<MadeToken> {
    const { buffer, clock, log } = this.#options;
    const token = randomBytes(TOKEN_BYTES).toString("base64url");
    const id = ulid();
    const madeAt = clock.now();
    const expiresAt = madeAt + validForS * 1_000;
    const facts = { id, hash: tokenHash(token), note, madeAt, madeBy: by, expiresAt, usesLeft: uses };
    await buffer.commit(() => buffer.enrollmentTokens.add(facts));
    log.info({ token: id, note, uses, validForS, by }, "enrolment token made");
    return { id, token, expiresAt };
  }

  /**
   * Takes one use of a token, within the caller's transaction.
   *
   * @returns the token's id. @throws EnrolmentRefused
   */
  redeem(token: string): string {
    const { buffer, siteToken, clock } = this.#options;
    if (secretsEqual(token, siteToken)) return SITE_TOKEN;
    const made = buffer.enrollmentTokens.findByHash(tokenHash(token));
    if (made === null) {
      throw new EnrolmentRefused(
        "WRONG_TOKEN",
        "the enrolment token is not this recorder's; ask the admin for the current one",
      );
    }
    if (made.expiresAt <= clock.now())
      throw new EnrolmentRefused(
        "TOKEN_EXPIRED",
        `enrolment token ${made.id} has expired; ask for a new one`,
      );
    if (made.usesLeft === 0)
      throw new EnrolmentRefused("TOKEN_USED_UP", `enrolment token ${made.id} is used up; ask for a new one`);
    buffer.enrollmentTokens.use(made.id);
    return made.id;
  }

  /** What a token was for; null for the site's. */
  noteOf(id: string): string | null {
    return this.#options.buffer.enrollmentTokens.noteOf(id);
  }
}
