import type { EpochMs } from "#shared/time/units.ts";
import type { Role } from "../domain/permissions.ts";
import type { AdapterDatabase } from "./database.ts";

/** Somebody who may sign in by name and password. */
export interface Account {
  id: string;
  /** Lower case. */
  name: string;
  role: Role;
  /** Ids of the teams that a supervisor is in charge of. */
  teams: string[];
  /** Whom the person is as an agent, lower case; null: none. */
  agentId: string | null;
  isDisabled: boolean;
  /** Somebody else knows the password, so it has to be changed before anything else. */
  mustChangePassword: boolean;
  madeAt: EpochMs;
  /** Null: never. */
  signedInAt: EpochMs | null;
}

interface AccountRow extends Omit<Account, "teams" | "isDisabled" | "mustChangePassword"> {
  teams: string;
  isDisabled: number;
  mustChangePassword: number;
}

const COLUMNS = `id, name, role, teams, agent_id AS agentId, disabled AS isDisabled,
  must_change AS mustChangePassword, made_at AS madeAt, signed_in_at AS signedInAt`;

/** Local accounts; passwords only as their hashes. */
export class AccountStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  list(): Account[] {
    return this.#database
      .prepare<[], AccountRow>(`SELECT ${COLUMNS} FROM accounts ORDER BY name`)
      .all()
      .map(fromRow);
  }

  get(id: string): Account | null {
    const row = this.#database
      .prepare<[string], AccountRow>(`SELECT ${COLUMNS} FROM accounts WHERE id = ?`)
      .get(id);
    return row === undefined ? null : fromRow(row);
  }

  /** @param name - lower case. */
  named(name: string): Account | null {
    const row = this.#database
      .prepare<[string], AccountRow>(`SELECT ${COLUMNS} FROM accounts WHERE name = ?`)
      .get(name);
    return row === undefined ? null : fromRow(row);
  }

  passwordHashOf(id: string): string | null {
    return (
      this.#database
        .prepare<[string], string>("SELECT password FROM accounts WHERE id = ?")
        .pluck()
        .get(id) ?? null
    );
  }

  add(account: Account, passwordHash: string): void {
    this.#database
      .prepare(
        `INSERT INTO accounts VALUES
         (@id, @name, @role, @teams, @agentId, @disabled, @passwordHash, @mustChange, @madeAt, @signedInAt)`,
      )
      .run({ ...toRow(account), madeAt: Math.round(account.madeAt), passwordHash });
  }

  /** Changes all but name, password and times. */
  change(account: Account): void {
    this.#database
      .prepare(
        `UPDATE accounts SET role = @role, teams = @teams, agent_id = @agentId, disabled = @disabled WHERE id = @id`,
      )
      .run(toRow(account));
  }

  setPassword(id: string, passwordHash: string, mustChange: boolean): void {
    this.#database
      .prepare("UPDATE accounts SET password = ?, must_change = ? WHERE id = ?")
      .run(passwordHash, mustChange ? 1 : 0, id);
  }

  noteSignIn(id: string, at: EpochMs): void {
    this.#database.prepare("UPDATE accounts SET signed_in_at = ? WHERE id = ?").run(Math.round(at), id);
  }

  remove(id: string): void {
    this.#database.prepare("DELETE FROM accounts WHERE id = ?").run(id);
  }
}

function fromRow(row: AccountRow): Account {
  return {
    ...row,
    teams: JSON.parse(row.teams) as string[],
    isDisabled: row.isDisabled === 1,
    mustChangePassword: row.mustChangePassword === 1,
  };
}

function toRow({ id, name, role, teams, agentId, isDisabled, mustChangePassword, ...times }: Account) {
  return {
    ...{ id, name, role, agentId, teams: JSON.stringify(teams) },
    ...{ disabled: isDisabled ? 1 : 0, mustChange: mustChangePassword ? 1 : 0, ...times },
  };
}
