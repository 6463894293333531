import { setImmediate as nextTurn } from "node:timers/promises";
import type { EpochMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { type AuditAnchor, AuditCheck, type AuditFault } from "./audit-entry.ts";
import { AuditStore } from "./audit-store.ts";
import { openForReading } from "./database.ts";

/** What an inspection of the whole log came to. */
export interface AuditVerdict {
  entries: number;
  /** Of the newest entry; null: there is none. */
  sha256: string | null;
  /** Where the chain is broken: the first ones. */
  faults: AuditFault[];
  checkedAt: EpochMs;
}

/** Entries of one turn of the event loop: a few milliseconds. */
const AT_ONCE = 500;
const FAULTS_TOLD = 100;
/** A long log takes seconds; whoever turns its pages need not wait for that each time. */
const GOOD_FOR_MS = 10_000;

/**
 * Holds the audit log in an adapter's database, which may be a copy, against what an archive's chain has signed of it.
 *
 * @throws DeskreelError `BAD_AUDIT` when the file is no such database.
 */
export async function verifyAudit(path: string, anchors: readonly AuditAnchor[]): Promise<AuditVerdict> {
  try {
    using database = openForReading(path);
    const audit = new AuditStore(database);
    const log = { read: audit.read.bind(audit), listAnchors: () => [...anchors] };
    return await inspectAudit(log, { now: () => Date.now() });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new DeskreelError("BAD_AUDIT", `${path} is no database of an adapter with an audit log`, { cause });
  }
}

/** Looks through the whole audit log when somebody asks, and not more often than needed. */
export class AuditInspection {
  readonly #audit: Pick<AuditStore, "read" | "listAnchors">;
  readonly #clock: Clock;
  readonly #goodForMs: number;
  #last: { verdict: Promise<AuditVerdict>; tookUntil: number } | null = null;

  constructor(audit: Pick<AuditStore, "read" | "listAnchors">, clock: Clock, goodForMs = GOOD_FOR_MS) {
    this.#audit = audit;
    this.#clock = clock;
    this.#goodForMs = goodForMs;
  }

  /** Not older than ten seconds; one at a time. */
  verdict(): Promise<AuditVerdict> {
    if (this.#last !== null && performance.now() - this.#last.tookUntil < this.#goodForMs)
      return this.#last.verdict;
    const last = { verdict: inspectAudit(this.#audit, this.#clock), tookUntil: Number.POSITIVE_INFINITY };
    this.#last = last;
    const ended = () => {
      last.tookUntil = performance.now();
    };
    last.verdict.then(ended, () => {
      this.#last = null;
    });
    return last.verdict;
  }
}

async function inspectAudit(
  audit: Pick<AuditStore, "read" | "listAnchors">,
  clock: Clock,
): Promise<AuditVerdict> {
  const checkedAt = clock.now();
  const faults: AuditFault[] = [];
  const check = new AuditCheck(audit.listAnchors(), (fault) => {
    if (faults.length < FAULTS_TOLD) faults.push(fault);
  });
  for (let after = 0; ; ) {
    const entries = audit.read(after, AT_ONCE);
    for (const entry of entries) check.see(entry);
    const last = entries.at(-1);
    if (last === undefined) break;
    after = last.number;
    await nextTurn();
  }
  return { ...check.finish(), faults, checkedAt };
}
