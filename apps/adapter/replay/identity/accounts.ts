import { randomBytes } from "node:crypto";
import { ulid } from "ulid";
import { HttpProblem } from "#shared/http/problem.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Role } from "../../domain/permissions.ts";
import {
  normalPassword,
  PASSWORD_FAULTS,
  type PasswordFault,
  passwordFault,
} from "../../domain/password-rules.ts";
import type { Account } from "../../store/account-store.ts";
import type { AuditAction } from "../../store/audit-entry.ts";
import type { AdapterStores } from "../../store/stores.ts";
import type { Team } from "../../store/team-store.ts";
import type { Directory, Identity } from "./identity.ts";
import type { PasswordHasher } from "./password-hasher.ts";

export type AccountStores = Pick<
  AdapterStores,
  "accounts" | "teams" | "sessions" | "attempts" | "audit" | "transaction"
>;

/** What an admin decides of an account. */
export interface AccountFacts {
  role: Role;
  teams: string[];
  agentId: string | null;
  isDisabled: boolean;
}

/** Whoever writes these names into the audit log is no person. */
const RESERVED = ["admin", "viewer", "adapter", "retention", "recovery", "recorder", "nobody", "unknown"];

/** Local accounts and teams: who there is, and what admins make of them. Each change is in the audit log with it. */
export class Accounts implements Directory {
  readonly #stores: AccountStores;
  readonly #hasher: PasswordHasher;
  readonly #clock: Clock;

  constructor(stores: AccountStores, hasher: PasswordHasher, clock: Clock) {
    this.#stores = stores;
    this.#hasher = hasher;
    this.#clock = clock;
  }

  list(): Account[] {
    return this.#stores.accounts.list();
  }

  listTeams(): Team[] {
    return this.#stores.teams.list();
  }

  /** Read anew each time, so that what an admin changes counts at once. */
  identityOf(subject: string): Identity | null {
    const [, id] = /^account:(.+)$/.exec(subject) ?? [];
    const account = id === undefined ? null : this.#stores.accounts.get(id);
    return account === null || account.isDisabled ? null : this.identify(account);
  }

  identify({ id, name, role, agentId, teams: teamIds, mustChangePassword }: Account): Identity {
    const teams = role === "supervisor" ? this.listTeams().filter((team) => teamIds.includes(team.id)) : [];
    return {
      ...{ subject: subjectOf(id), name, role, agentId, mustChangePassword },
      teams: teams.map((team) => ({ id: team.id, name: team.name })),
      teamAgents: teams.flatMap(({ agents }) => agents),
    };
  }

  /**
   * @param password - undefined: one is made up.
   * @returns the password that was made up, which nobody can read again.
   * @throws HttpProblem 400, 409
   */
  async add(by: string, name: string, facts: AccountFacts, password?: string) {
    this.#check(facts);
    const errors = [{ path: "/name", message: "is taken, or kept for Deskreel itself" }];
    const refuse = () => new HttpProblem(409, `there can be no new account ${name}`, { errors });
    if (RESERVED.includes(name) || this.#stores.accounts.named(name) !== null) throw refuse();
    const made = password ?? madeUpPassword();
    const hash = await this.#hashNew(made, name);
    const madeAt = this.#clock.now();
    const account: Account = {
      ...{ id: ulid(), name, ...facts, mustChangePassword: true, madeAt, signedInAt: null },
    };
    this.#stores.transaction(() => {
      if (this.#stores.accounts.named(name) !== null) throw refuse();
      this.#stores.accounts.add(account, hash);
      this.note(by, "account-made", `${name}: ${describe(facts)}`);
    });
    return { account, madeUp: password === undefined ? made : null };
  }

  /**
   * Changes what is given. Whoever has the account is signed out everywhere.
   *
   * @throws HttpProblem 400, 404, 409
   */
  change(by: string, id: string, changes: Partial<AccountFacts>): Account {
    const account = { ...this.#known(id), ...changes };
    this.#check(account);
    this.#stores.transaction(() => {
      if (account.role !== "admin" || account.isDisabled) this.#requireAnotherAdmin(id);
      this.#stores.accounts.change(account);
      this.#stores.sessions.endAllOf(subjectOf(id));
      this.note(by, "account-changed", `${account.name}: ${describe(account)}`);
    });
    return this.#known(id);
  }

  /**
   * For somebody who has forgotten it: a password that has to be changed before anything else.
   *
   * @param password - undefined: one is made up.
   * @throws HttpProblem 400, 404
   */
  async renewPassword(by: string, id: string, password?: string) {
    const { name } = this.#known(id);
    const made = password ?? madeUpPassword();
    const hash = await this.#hashNew(made, name);
    this.#stores.transaction(() => {
      this.#known(id);
      this.#stores.accounts.setPassword(id, hash, true);
      this.#stores.sessions.endAllOf(subjectOf(id));
      this.note(by, "account-changed", `${name}: a new password`);
    });
    return { account: this.#known(id), madeUp: password === undefined ? made : null };
  }

  /** @throws HttpProblem 404, 409 */
  remove(by: string, id: string): void {
    this.#stores.transaction(() => {
      const { name } = this.#known(id);
      this.#requireAnotherAdmin(id);
      this.#stores.accounts.remove(id);
      this.#stores.sessions.endAllOf(subjectOf(id));
      this.note(by, "account-removed", name);
    });
  }

  /** A person's own change; ends the person's sessions. @throws HttpProblem 400 */
  async changePassword(account: Account, password: string): Promise<void> {
    const hash = await this.#hashNew(password, account.name);
    if (await this.#hasher.isOf(password, this.#stores.accounts.passwordHashOf(account.id))) {
      throw new WeakPassword("same");
    }
    this.#stores.transaction(() => {
      this.#stores.accounts.setPassword(account.id, hash, false);
      this.#stores.sessions.endAllOf(subjectOf(account.id));
      this.note(account.name, "password-changed", account.name);
    });
  }

  /** Replaces all teams; accounts lose those that are no more. */
  replaceTeams(by: string, teams: readonly Team[]): void {
    this.#stores.transaction(() => {
      this.#stores.teams.replace(teams);
      const ids = new Set(teams.map(({ id }) => id));
      for (const account of this.list()) {
        const left = account.teams.filter((team) => ids.has(team));
        if (left.length < account.teams.length) this.#stores.accounts.change({ ...account, teams: left });
      }
      const named = teams.map(({ name, agents }) => `${name} (${agents.join(", ") || "nobody"})`);
      this.note(by, "teams-changed", named.join("; ") || "none");
    });
  }

  note(who: string, action: AuditAction, detail: string): void {
    const at = this.#clock.now();
    this.#stores.audit.note({ at, who, action, interactionId: null, detail, sequence: null });
  }

  #known(id: string): Account {
    const account = this.#stores.accounts.get(id);
    if (account === null) throw new HttpProblem(404, `account ${JSON.stringify(id)} is unknown`);
    return account;
  }

  #check({ role, teams, agentId }: AccountFacts): void {
    const known = new Set(this.listTeams().map(({ id }) => id));
    const unknown = teams.find((team) => !known.has(team));
    const errors = [
      ...(unknown === undefined ? [] : [{ path: "/teams", message: `has an unknown team ${unknown}` }]),
      ...(role !== "agent" || agentId !== null
        ? []
        : [{ path: "/agentId", message: "must say which agent the account is, as its role is agent" }]),
    ];
    if (errors.length > 0) throw new HttpProblem(400, "the account cannot be so", { errors });
  }

  /** Else nobody but who reads the tokens file could ever make another one. */
  #requireAnotherAdmin(id: string): void {
    const admins = this.list().filter((account) => account.role === "admin" && !account.isDisabled);
    if (admins.length !== 1 || admins[0]?.id !== id) return;
    throw new HttpProblem(409, `${admins[0].name} is the last admin; make another one first`);
  }

  async #hashNew(password: string, name: string): Promise<string> {
    const fault = passwordFault(normalPassword(password), name);
    if (fault === null) return await this.#hasher.hash(password);
    throw new WeakPassword(fault);
  }
}

/** A password that is not taken. */
export class WeakPassword extends HttpProblem {
  readonly fault: PasswordFault | "same";

  constructor(fault: PasswordFault | "same") {
    const message = fault === "same" ? "must be another one than before" : PASSWORD_FAULTS[fault];
    super(400, `the password ${message}`, { errors: [{ path: "/password", message }] });
    this.fault = fault;
  }
}

export function subjectOf(accountId: string): string {
  return `account:${accountId}`;
}

/** 120 random bits, in groups that can be read out. */
function madeUpPassword(): string {
  const letters = "abcdefghijkmnpqrstuvwxyz23456789";
  const text = [...randomBytes(24)].map((byte) => letters[byte % letters.length]).join("");
  return text.replaceAll(/.{6}(?=.)/g, "$&-");
}

function describe({ role, teams, agentId, isDisabled }: AccountFacts): string {
  return [
    role,
    ...(teams.length === 0 ? [] : [`teams ${teams.join(" ")}`]),
    ...(agentId === null ? [] : [`agent ${agentId}`]),
    ...(isDisabled ? ["disabled"] : []),
  ].join(", ");
}
