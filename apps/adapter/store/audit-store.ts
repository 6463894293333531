import type { EpochMs } from "#shared/time/units.ts";
import type { AdapterDatabase } from "./database.ts";

/** Somebody has seen or taken something of an interaction. */
export interface Access {
  at: EpochMs;
  who: string;
  action: "viewed" | "exported";
  interactionId: string;
  /** What of it, and from where it was asked for. */
  detail: string;
}

/** What was done to or with an interaction, by whom. */
export interface AuditRow {
  at: EpochMs;
  who: string;
  action: "held" | "released" | "deleted" | Access["action"];
  interactionId: string;
  detail: string;
  /** Of the archive chain's entry, which has the signed original; null: it is noted here only. */
  sequence: number | null;
}

/** Where a page of the audit ended. */
export interface AuditCursor {
  at: EpochMs;
  /** Of the rows of one instant. */
  order: number;
}

interface Row extends AuditRow {
  order: number;
}

/** What the archive's chain says of interactions, and who has seen them: newest first. */
export class AuditStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  /** On the disk when it returns. */
  note({ at, who, action, interactionId, detail }: Access): void {
    this.#database
      .prepare("INSERT INTO accesses (at, who, action, interaction_id, detail) VALUES (?, ?, ?, ?, ?)")
      .run(Math.round(at), who, action, interactionId, detail);
  }

  /** @param after - where the page before ended; null: the first page. */
  list(limit: number, after: AuditCursor | null): { rows: AuditRow[]; next: AuditCursor | null } {
    // Rows of the chain and of accesses are told apart within an instant by an even and an odd order.
    const part = (table: string, id: string, isChain: boolean) => {
      const order = `${id} * 2 + ${isChain ? 1 : 0}`;
      return `SELECT * FROM (
        SELECT at, who, action, interaction_id AS interactionId, detail, ${isChain ? id : "NULL"} AS sequence,
          ${order} AS "order" FROM ${table}
        WHERE at <= @at AND (at < @at OR ${order} < @order) ORDER BY at DESC, ${id} DESC LIMIT @limit)`;
    };
    const rows = this.#database
      .prepare<unknown[], Row>(
        `${part("audit", "sequence", true)} UNION ALL ${part("accesses", "id", false)}
         ORDER BY at DESC, "order" DESC LIMIT @limit`,
      )
      .all({
        at: after?.at ?? Number.MAX_SAFE_INTEGER,
        order: after?.order ?? Number.MAX_SAFE_INTEGER,
        limit: limit + 1,
      });
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    return {
      rows: page.map(({ order: _order, ...row }) => row),
      next: last === undefined ? null : { at: last.at, order: last.order },
    };
  }
}
