import type { KeyProtection } from "#shared/protocol/messages.ts";
import type { EpochMs } from "#shared/time/units.ts";
import { type DesktopState, type Doubt, type EnrolledDesktop, placeOf } from "../domain/desktop-trust.ts";
import type { Catalogue } from "./database.ts";
import type { ListPosition } from "./recording-reader.ts";

/** All that is known of a desktop's key. */
export interface DesktopEntry extends EnrolledDesktop {
  publicKey: string;
  keyProtection: KeyProtection;
  /** Why somebody has to look at it, as it was judged last. */
  alarm: Doubt | null;
  /** `site`, or the id of the token that it has enrolled with. */
  enrolledBy: string;
  enrolledAt: EpochMs;
  lastSeenAt: EpochMs;
  approvedAt: EpochMs | null;
  /** The scope that approved it. */
  approvedBy: string | null;
  revokedAt: EpochMs | null;
  revokedBy: string | null;
}

/** What `GET /v1/desktops` may ask for. */
export interface DesktopFilter {
  state?: DesktopState | undefined;
  agent?: string | undefined;
}

interface DesktopRow {
  id: string;
  public_key: string;
  device: string;
  os_user: string;
  key_protection: KeyProtection;
  state: DesktopState;
  agent: string | null;
  agent_order: number | null;
  enrolment_order: number;
  is_after_revocation: number;
  is_assigned: number;
  alarm: Doubt | null;
  enrolled_at: EpochMs;
  enrolled_by: string;
  last_seen_at: EpochMs;
  approved_at: EpochMs | null;
  approved_by: string | null;
  revoked_at: EpochMs | null;
  revoked_by: string | null;
}

/** Desktops' keys in the catalogue. A key is never deleted from it. */
export class DesktopStore {
  readonly #insert;
  readonly #update;
  readonly #seen;
  readonly #byId;
  readonly #byKey;
  readonly #related;
  readonly #inDoubt;
  readonly #counts;
  readonly #list;
  readonly #highest;

  constructor(catalogue: Catalogue) {
    this.#insert = catalogue.prepare(
      `INSERT INTO desktops (id, public_key, device, os_user, place, key_protection, state, agent, agent_order,
         enrolment_order, is_after_revocation, is_assigned, alarm, enrolled_at, enrolled_by, last_seen_at, approved_at, approved_by, revoked_at, revoked_by)
       VALUES (@id, @publicKey, @device, @osUser, @place, @keyProtection, @state, @agent, @agentOrder,
         @enrolmentOrder, @isAfterRevocation, @isAssigned, @alarm, @enrolledAt, @enrolledBy, @lastSeenAt, @approvedAt, @approvedBy, @revokedAt, @revokedBy)`,
    );
    this.#update = catalogue.prepare(
      `UPDATE desktops SET key_protection = @keyProtection, state = @state, agent = @agent, agent_order = @agentOrder,
         is_assigned = @isAssigned, alarm = @alarm, last_seen_at = @lastSeenAt, approved_at = @approvedAt,
         approved_by = @approvedBy, revoked_at = @revokedAt, revoked_by = @revokedBy WHERE id = @id`,
    );
    this.#seen = catalogue.prepare<[EpochMs, KeyProtection, string]>(
      "UPDATE desktops SET last_seen_at = ?, key_protection = ? WHERE id = ?",
    );
    this.#byId = catalogue.prepare<[string], DesktopRow>("SELECT * FROM desktops WHERE id = ?");
    this.#byKey = catalogue.prepare<[string], DesktopRow>("SELECT * FROM desktops WHERE public_key = ?");
    this.#related = catalogue.prepare<{ place: string; agent: string | null }, DesktopRow>(
      "SELECT * FROM desktops WHERE place = @place OR agent = @agent",
    );
    this.#inDoubt = catalogue.prepare<[], DesktopRow>(
      `SELECT * FROM desktops INDEXED BY desktops_in_doubt WHERE alarm IS NOT NULL AND state <> 'revoked'
       ORDER BY enrolled_at`,
    );
    this.#highest = catalogue.prepare<[], { count: number }>(
      `SELECT max(coalesce((SELECT max(enrolment_order) FROM desktops), 0),
         coalesce((SELECT max(agent_order) FROM desktops), 0)) AS count`,
    );
    this.#counts = catalogue.prepare<[], { state: DesktopState; count: number }>(
      "SELECT state, count(*) AS count FROM desktops GROUP BY state",
    );
    this.#list = catalogue.prepare<
      { state: string | null; agent: string | null; at: EpochMs; id: string; limit: number },
      DesktopRow
    >(
      `SELECT * FROM desktops
       WHERE (@state IS NULL OR state = @state) AND (@agent IS NULL OR agent = @agent)
         AND (enrolled_at, id) < (@at, @id)
       ORDER BY enrolled_at DESC, id DESC LIMIT @limit`,
    );
  }

  find(id: string): DesktopEntry | null {
    return entryOrNull(this.#byId.get(id));
  }

  findByKey(publicKey: string): DesktopEntry | null {
    return entryOrNull(this.#byKey.get(publicKey));
  }

  /** Those of the same agent and those of the same OS user on the same device, itself among them. */
  related(desktop: Pick<EnrolledDesktop, "device" | "osUser" | "agent">): DesktopEntry[] {
    return this.#related.all({ place: placeOf(desktop), agent: desktop.agent }).map(toEntry);
  }

  /** The next number of the count that says who was first. */
  nextOrder(): number {
    return (this.#highest.get()?.count ?? 0) + 1;
  }

  add(entry: DesktopEntry): void {
    this.#insert.run(toRow(entry));
  }

  save(entry: DesktopEntry): void {
    this.#update.run(toRow(entry));
  }

  noteSeen(id: string, at: EpochMs, keyProtection: KeyProtection): void {
    this.#seen.run(at, keyProtection, id);
  }

  /** Those that somebody has to look at, the oldest first. */
  inDoubt(): DesktopEntry[] {
    return this.#inDoubt.all().map(toEntry);
  }

  counts(): Record<DesktopState, number> {
    const counts = { active: 0, pending: 0, revoked: 0 };
    for (const { state, count } of this.#counts.all()) counts[state] = count;
    return counts;
  }

  /** The one enrolled last first, at most `limit`, from after `position` on. */
  list(
    filter: DesktopFilter,
    limit: number,
    position: ListPosition | null,
  ): { items: DesktopEntry[]; next: ListPosition | null } {
    const { startedAt: at, id } = position ?? { startedAt: Number.MAX_VALUE, id: "" };
    const { state = null, agent = null } = filter;
    const rows = this.#list.all({ state, agent, at, id, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    const hasMore = rows.length > limit && last !== undefined;
    return { items: shown.map(toEntry), next: hasMore ? { startedAt: last.enrolled_at, id: last.id } : null };
  }
}

function entryOrNull(row: DesktopRow | undefined): DesktopEntry | null {
  return row === undefined ? null : toEntry(row);
}

function toEntry(row: DesktopRow): DesktopEntry {
  return {
    id: row.id,
    publicKey: row.public_key,
    device: row.device,
    osUser: row.os_user,
    keyProtection: row.key_protection,
    state: row.state,
    agent: row.agent,
    agentOrder: row.agent_order,
    enrolmentOrder: row.enrolment_order,
    isAfterRevocation: row.is_after_revocation === 1,
    isAssigned: row.is_assigned === 1,
    alarm: row.alarm,
    enrolledAt: row.enrolled_at,
    enrolledBy: row.enrolled_by,
    lastSeenAt: row.last_seen_at,
    isApproved: row.approved_at !== null,
    approvedAt: row.approved_at,
    approvedBy: row.approved_by,
    revokedAt: row.revoked_at,
    revokedBy: row.revoked_by,
  };
}

function toRow(entry: DesktopEntry): Record<string, string | number | null> {
  const { isAssigned, isAfterRevocation, isApproved: _, ...columns } = entry;
  const flags = { isAssigned: Number(isAssigned), isAfterRevocation: Number(isAfterRevocation) };
  return { ...columns, ...flags, place: placeOf(entry) };
}
