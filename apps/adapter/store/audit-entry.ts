import { createHash } from "node:crypto";
import { canonicalJson } from "#shared/archive/canonical-json.ts";
import type { EpochMs } from "#shared/time/units.ts";

const AUDIT_FORMAT = "deskreel.audit/1";

/** What can be done that is noted. */
export type AuditAction =
  | "viewed"
  | "listed"
  | "exported"
  | "held"
  | "released"
  | "deleted"
  | "configured"
  | "signed-in"
  | "signed-out"
  | "sign-in-failed"
  | "locked-out"
  | "account-made"
  | "account-changed"
  | "account-removed"
  | "password-changed"
  | "teams-changed"
  | "commented"
  | "comment-changed"
  | "comment-removed"
  | "verified";

/** What was done, to or with what, by whom. */
export interface AuditNote {
  at: EpochMs;
  who: string;
  action: AuditAction;
  /** Null: it was done to the adapter, not to an interaction. */
  interactionId: string | null;
  /** What of it, from where, or why. */
  detail: string;
  /** Of the archive chain's entry, which has the signed original; null: it is noted here only. */
  sequence: number | null;
}

/** An entry of the audit log: numbered from 1, each with the hash of the one before. */
export interface AuditEntry extends AuditNote {
  number: number;
  /** Null in the first one. */
  previous: string | null;
  /** Of {@link auditHash}. */
  sha256: string;
}

/** SHA-256 over the entry's RFC 8785 JSON without its own hash. */
export function auditHash(entry: Omit<AuditEntry, "sha256">): string {
  const { number, at, who, action, interactionId, detail, sequence, previous } = entry;
  const hashed = { format: AUDIT_FORMAT, number, at, who, action, interactionId, detail, sequence, previous };
  return createHash("sha256").update(canonicalJson(hashed)).digest("hex");
}

/** How long the log was once, as the archive's chain has signed it. */
export interface AuditAnchor {
  entries: number;
  /** Of the newest entry then. */
  sha256: string;
  /** Of the archive chain's entry that says so. */
  sequence: number;
}

/** Something that is wrong with the log, at an entry. */
export interface AuditFault {
  number: number;
  fault: string;
}

/** Holds a log against its own hashes and against what was signed of it; entries come in the order of their numbers. */
export class AuditCheck {
  readonly #anchors: readonly AuditAnchor[];
  readonly #byNumber: ReadonlyMap<number, AuditAnchor>;
  readonly #onFault: (fault: AuditFault) => void;
  #last: { number: number; sha256: string } | null = null;

  constructor(anchors: readonly AuditAnchor[], onFault: (fault: AuditFault) => void) {
    this.#anchors = anchors;
    this.#byNumber = new Map(anchors.map((anchor) => [anchor.entries, anchor]));
    this.#onFault = onFault;
  }

  see(entry: AuditEntry): void {
    const { number, previous, sha256 } = entry;
    const expected = (this.#last?.number ?? 0) + 1;
    const isNext = number === expected;
    if (!isNext) {
      const upTo = number - 1 === expected ? "" : ` to ${number - 1}`;
      this.#onFault({ number: expected, fault: `is missing${upTo}` });
    }
    const found = hashOf(entry);
    if (found !== sha256) {
      this.#onFault({
        number,
        fault: `was changed: its content has sha256 ${found}, it was noted with ${sha256}`,
      });
    } else if (isNext && previous !== (this.#last?.sha256 ?? null)) {
      const before =
        this.#last === null ? "nothing is before it" : `entry ${this.#last.number} has ${this.#last.sha256}`;
      this.#onFault({ number, fault: `follows an entry with sha256 ${previous ?? "(none)"}, but ${before}` });
    }
    const anchor = this.#byNumber.get(number);
    if (anchor !== undefined && anchor.sha256 !== sha256) {
      const signed = `entry ${anchor.sequence} of the archive's chain signed it with ${anchor.sha256}`;
      this.#onFault({ number, fault: `has sha256 ${sha256}, ${signed}` });
    }
    this.#last = { number, sha256 };
  }

  /** Returns how long the log is, after the last entry was seen. */
  finish(): { entries: number; sha256: string | null } {
    const entries = this.#last?.number ?? 0;
    const longest = this.#anchors.toSorted((left, right) => left.entries - right.entries).at(-1);
    if (longest !== undefined && longest.entries > entries) {
      const signed = `entry ${longest.sequence} of the archive's chain signed ${longest.entries} entries`;
      this.#onFault({ number: entries + 1, fault: `is missing, its end was cut off: ${signed}` });
    }
    return { entries, sha256: this.#last?.sha256 ?? null };
  }
}

/** What no JSON can say cannot have been noted. */
function hashOf(entry: AuditEntry): string {
  try {
    return auditHash(entry);
  } catch (error) {
    return `(none: ${String(error)})`;
  }
}
