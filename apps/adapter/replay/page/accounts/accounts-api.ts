import { request } from "../api.ts";

export const ROLES = ["viewer", "supervisor", "admin", "agent"] as const;
export type Role = (typeof ROLES)[number];

/** An account as `GET /v1/accounts` shows it; times RFC 3339. */
export interface Account {
  id: string;
  name: string;
  role: Role;
  /** Ids of the teams that a supervisor is in charge of. */
  teams: string[];
  agentId: string | null;
  disabled: boolean;
  mustChangePassword: boolean;
  madeAt: string;
  signedInAt: string | null;
}

/** A password that was made up; nobody can read it again. */
interface MadeUp {
  password?: string;
}

export interface Team {
  /** Absent until the server has given it one. */
  id?: string;
  name: string;
  agents: string[];
}

export interface AccountChanges {
  role?: Role;
  teams?: string[];
  agentId?: string | null;
  disabled?: boolean;
}

/** Everything that the page shows. */
export async function fetchAccounts(signal: AbortSignal): Promise<{ accounts: Account[]; teams: Team[] }> {
  const [accounts, teams] = await Promise.all([
    request<{ items: Account[] }>("/v1/accounts", { signal }),
    request<{ items: Team[] }>("/v1/teams", { signal }),
  ]);
  return { accounts: accounts.items, teams: teams.items };
}

export function addAccount(facts: AccountChanges & { name: string }): Promise<Account & MadeUp> {
  return send("POST", "/v1/accounts", facts);
}

export function changeAccount(id: string, changes: AccountChanges): Promise<Account> {
  return send("PATCH", `/v1/accounts/${encodeURIComponent(id)}`, changes);
}

export function renewPassword(id: string): Promise<Account & MadeUp> {
  return send("POST", `/v1/accounts/${encodeURIComponent(id)}/password`, {});
}

export function removeAccount(id: string): Promise<void> {
  return send("DELETE", `/v1/accounts/${encodeURIComponent(id)}`);
}

export function saveTeams(items: readonly Team[]): Promise<unknown> {
  return send("PUT", "/v1/teams", { items });
}

function send<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
  const json =
    body === undefined ? {} : { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return request(path, { method, ...json });
}
