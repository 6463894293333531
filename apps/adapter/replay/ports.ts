import type { InteractionCatalogue } from "../archive/catalogue.ts";
import type { ArchiveStorage } from "../archive/storage/archive-storage.ts";
import type { Custody } from "../archive/custody.ts";
import type { AuditInspection } from "../store/audit-inspection.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { CustodyStore } from "../store/custody-store.ts";

/** What replay needs of the archive's catalogue. */
export type ReplayCatalogue = Pick<
  InteractionCatalogue,
  "list" | "countByTime" | "facets" | "ledger" | "get" | "fileOf"
>;

/** What replay needs of where the archive lies. */
export type ReplayStorage = Pick<ArchiveStorage, "open" | "read" | "size" | "walk">;

/** What replay needs of legal holds and the audit. */
export interface ReplayCustody {
  acts: Pick<Custody, "hold" | "release">;
  store: Pick<CustodyStore, "isHeld" | "isDeleted">;
  audit: Pick<AuditStore, "note" | "list" | "listOf">;
  /** What is known of the audit log's chain. */
  auditCheck: Pick<AuditInspection, "verdict">;
}

/** Has the simulated Dynamics place a scripted call; resolves with the interaction that it will become. */
export type PlaceCall = () => Promise<{ interactionId: string }>;
