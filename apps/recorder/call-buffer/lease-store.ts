import { randomUUID } from "node:crypto";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { Catalogue } from "./database.ts";

/** A recording lent to an adapter. */
export interface Lease {
  leaseId: string;
  recordingId: string;
  expiresAt: EpochMs;
}

/** Whether a request about a lease may go on. */
export type LeaseCheck = "held" | "not-held" | "unknown-recording";

/** After this many refusals in a row a recording raises an alarm. */
export const NACKS_BEFORE_ALARM = 10;

const BACKOFF_FIRST_MS: DurationMs = 1_000;
const BACKOFF_MAX_MS: DurationMs = 300_000;

/** A recording that an adapter keeps refusing. */
export interface HandoffAlarm {
  recordingId: string;
  nacks: number;
  reason: string | null;
}

interface LeaseRow {
  revision: number;
  nacks: number;
  lease_id: string | null;
  lease_expires_at: EpochMs | null;
  acked_lease: string | null;
  acked_revision: number;
}

/** Who has which sealed recording, and what has been acknowledged. */
export class LeaseStore {
  readonly #catalogue: Catalogue;
  readonly #candidates;
  readonly #nextAt;
  readonly #grant;
  readonly #extend;
  readonly #find;
  readonly #ack;
  readonly #nack;
  readonly #alarms;

  constructor(catalogue: Catalogue) {
    this.#catalogue = catalogue;
    const waiting = "phase = 'sealed' AND acked_revision < revision";
    // Word by word as in the index, or it is not used.
    const freeAt = "max(retry_at, coalesce(lease_expires_at, 0))";
    this.#candidates = catalogue.prepare<[EpochMs, number], { id: string }>(
      `SELECT id FROM recordings INDEXED BY recordings_to_hand_off WHERE ${waiting} AND ${freeAt} <= ? ORDER BY ${freeAt}, id LIMIT ?`,
    );
    this.#nextAt = catalogue.prepare<[], { at: EpochMs }>(
      `SELECT ${freeAt} AS at FROM recordings INDEXED BY recordings_to_hand_off WHERE ${waiting} ORDER BY ${freeAt}, id LIMIT 1`,
    );
    this.#grant = catalogue.prepare(
      "UPDATE recordings SET lease_id = ?, lease_adapter = ?, lease_ms = ?, lease_expires_at = ? WHERE id = ?",
    );
    this.#extend = catalogue.prepare(
      `UPDATE recordings SET lease_expires_at = ? + lease_ms
       WHERE id = ? AND lease_id = ? AND lease_expires_at > ?`,
    );
    this.#find = catalogue.prepare<[string], LeaseRow>(
      `SELECT revision, nacks, lease_id, lease_expires_at, acked_lease, acked_revision FROM recordings WHERE id = ?`,
    );
    this.#ack = catalogue.prepare(
      `UPDATE recordings SET acked_revision = @revision, acked_at = @ackedAt, acked_lease = lease_id, lease_id = NULL,
         lease_expires_at = NULL, nacks = 0, nack_reason = NULL, retry_at = 0 WHERE id = @id`,
    );
    this.#nack = catalogue.prepare(
      `UPDATE recordings SET nacks = nacks + 1, nack_reason = @reason, retry_at = @retryAt, lease_id = NULL,
         lease_expires_at = NULL WHERE id = @id`,
    );
    this.#alarms = catalogue.prepare<[number], HandoffAlarm>(
      `SELECT id AS recordingId, nacks, nack_reason AS reason FROM recordings INDEXED BY recordings_refused
       WHERE nacks > 0 AND nacks >= ? AND ${waiting} ORDER BY nacks DESC, id LIMIT 100`,
    );
  }

  /** Lends up to `max` sealed recordings that nobody has: those never lent first, oldest first, then as they came free. */
  grant(adapter: string, max: number, leaseMs: DurationMs, now: EpochMs): Lease[] {
    return this.#catalogue.transaction(() =>
      this.#candidates.all(now, max).map(({ id }) => {
        const lease = { leaseId: randomUUID(), recordingId: id, expiresAt: now + leaseMs };
        this.#grant.run(lease.leaseId, adapter, leaseMs, lease.expiresAt, id);
        return lease;
      }),
    )();
  }

  /** When the next recording can be lent, if nothing else happens; null: none is waiting. */
  nextAt(): EpochMs | null {
    return this.#nextAt.get()?.at ?? null;
  }

  /** Extends an unexpired lease by its length from now. */
  extend(recordingId: string, leaseId: string, now: EpochMs): LeaseCheck {
    if (this.#extend.run(now, recordingId, leaseId, now).changes > 0) return "held";
    return this.#find.get(recordingId) === undefined ? "unknown-recording" : "not-held";
  }

  /**
   * Ends the lease with the revision that the adapter has; if there is a newer one by now, the recording can be lent
   * again. Repeating an acknowledgement is harmless: its answer may have been lost.
   *
   * @param ackedAt - by the keeping clock.
   */
  ack(
    recordingId: string,
    leaseId: string,
    revision: number,
    { now, ackedAt }: { now: EpochMs; ackedAt: EpochMs },
  ): LeaseCheck {
    return this.#catalogue.transaction((): LeaseCheck => {
      const row = this.#find.get(recordingId);
      if (row === undefined) return "unknown-recording";
      if (row.acked_lease === leaseId && row.acked_revision === revision) return "held";
      if (!isHolder(row, leaseId, now) || revision > row.revision) return "not-held";
      this.#ack.run({ id: recordingId, revision, ackedAt });
      return "held";
    })();
  }

  /** Ends the lease without the adapter having the recording; it is lent again after a growing pause. */
  nack(
    recordingId: string,
    leaseId: string,
    reason: string,
    now: EpochMs,
  ): { check: LeaseCheck; nacks: number } {
    return this.#catalogue.transaction((): { check: LeaseCheck; nacks: number } => {
      const row = this.#find.get(recordingId);
      if (row === undefined) return { check: "unknown-recording", nacks: 0 };
      if (!isHolder(row, leaseId, now)) return { check: "not-held", nacks: row.nacks };
      const pauseMs = Math.min(BACKOFF_FIRST_MS * 2 ** Math.min(row.nacks, 30), BACKOFF_MAX_MS);
      this.#nack.run({ id: recordingId, reason, retryAt: now + pauseMs });
      return { check: "held", nacks: row.nacks + 1 };
    })();
  }

  alarms(): HandoffAlarm[] {
    return this.#alarms.all(NACKS_BEFORE_ALARM);
  }
}

function isHolder(row: LeaseRow, leaseId: string, now: EpochMs): boolean {
  return row.lease_id === leaseId && (row.lease_expires_at ?? 0) > now;
}
