import { HttpProblem } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Account } from "../../store/account-store.ts";
import { type AccountStores, type Accounts, subjectOf } from "./accounts.ts";
import type { Identity } from "./identity.ts";
import type { PasswordHasher } from "./password-hasher.ts";
import { type CountedAttempt, SignInGuard } from "./sign-in-guard.ts";
import type { TokenDirectory } from "./tokens.ts";

/** Somebody who has shown who it is, with what the session is bound to. */
export interface Authenticated {
  identity: Identity;
  boundTo: string;
}

export interface AuthenticationOptions {
  stores: AccountStores;
  accounts: Accounts;
  tokens: TokenDirectory;
  hasher: PasswordHasher;
  clock: Clock;
}

/** Looks at what people show to sign in. What was wrong is told to the audit log only. */
export class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #guard: SignInGuard;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    this.#guard = new SignInGuard(options.stores.attempts, options.clock);
  }

  /** Whether a token is one of this server's; tells nobody, and counts nothing. */
  knowsToken(token: string): boolean {
    return this.#options.tokens.whoHas(token) !== null;
  }

  /** @throws HttpProblem 401, or 429 while nobody is heard. */
  byToken(token: string, address: string): Authenticated {
    const attempt = this.#guard.begin(null, address);
    const found = this.#options.tokens.whoHas(token);
    if (found === null) throw this.#refused(attempt, "unknown", "an unknown token", address);
    attempt.succeeded();
    this.#noteSignIn(found.identity, address);
    return found;
  }

  /**
   * An account that does not exist, one that is disabled and a wrong password take equally long and are told alike.
   *
   * @throws HttpProblem 401, or 429 while nobody is heard.
   */
  async byPassword(name: string, password: string, address: string): Promise<Authenticated> {
    const account = await this.checkPassword(name, password, address);
    const { accounts, stores, hasher, clock } = this.#options;
    const hash = stores.accounts.passwordHashOf(account.id);
    if (hash !== null && hasher.isOutdated(hash)) {
      const renewed = await hasher.hash(password);
      // Unless it was changed meanwhile.
      if (stores.accounts.passwordHashOf(account.id) === hash)
        stores.accounts.setPassword(account.id, renewed, account.mustChangePassword);
    }
    const identity = accounts.identityOf(subjectOf(account.id));
    if (identity === null) throw wrong();
    stores.accounts.noteSignIn(account.id, clock.now());
    this.#noteSignIn(identity, address);
    return { identity, boundTo: "" };
  }

  /** @throws HttpProblem 401, or 429 while nobody is heard. */
  async checkPassword(name: string, password: string, address: string): Promise<Account> {
    const folded = foldName(name);
    const { accounts } = this.#options.stores;
    const attempt = this.#guard.begin(folded, address);
    const account = accounts.named(folded);
    const hash = account === null ? null : accounts.passwordHashOf(account.id);
    const isRight = await this.#options.hasher.isOf(password, hash);
    // It takes a tenth of a second, in which an admin may have changed it.
    const current = account === null ? null : accounts.get(account.id);
    if (isRight && current !== null && !current.isDisabled && accounts.passwordHashOf(current.id) === hash) {
      attempt.succeeded();
      return current;
    }
    const what = account === null ? "an unknown name" : isRight ? "a disabled account" : "a wrong password";
    // What was typed as a name may be a password.
    throw this.#refused(attempt, account?.name ?? "unknown", what, address);
  }

  #refused({ lock }: CountedAttempt, who: string, what: string, address: string): HttpProblem {
    const { accounts, stores } = this.#options;
    stores.transaction(() => {
      accounts.note(who, "sign-in-failed", `${what}, from ${address}`);
      if (lock === null) return;
      const time = `for ${lock.forMs / 1_000} s after ${lock.failures} failures`;
      accounts.note(who, "locked-out", `${time}, from ${address}`);
    });
    return wrong();
  }

  #noteSignIn({ name }: Identity, address: string): void {
    this.#options.accounts.note(name, "signed-in", `from ${address}`);
  }
}

/** One way to write a name that is signed in with. */
export function foldName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

function wrong(): HttpProblem {
  return new HttpProblem(401, "this name and password, or this token, are not valid here");
}
