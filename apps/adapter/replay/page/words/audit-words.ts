import { catalogue } from "./language.ts";

interface AuditWords {
  title: string;
  unbroken: (entries: string, checkedAt: string) => string;
  broken: (faults: string) => string;
  brokenHint: string;
  hash: string;
  columns: Record<"at" | "who" | "action" | "interaction" | "detail", string>;
  actions: Record<string, string>;
  none: string;
  more: string;
  failed: string;
}

/** The audit: what was done, by whom. */
export const auditWords = catalogue<AuditWords>(
  {
    title: "Audit",
    unbroken: (entries, checkedAt) =>
      `Unbroken: ${entries} entries, each sealed by the next; checked ${checkedAt}`,
    broken: (faults) => `Broken: ${faults} places where entries were changed, removed or added`,
    brokenHint:
      "Keep the database as it is, and compare it with a backup: npm run verify -- --help says how.",
    hash: "Newest entry's hash",
    columns: { at: "When", who: "Who", action: "What", interaction: "Interaction", detail: "More" },
    actions: {
      ...{
        viewed: "Viewed",
        exported: "Exported",
        held: "Put on legal hold",
        released: "Took off legal hold",
      },
      ...{ deleted: "Deleted", configured: "Configured" },
    },
    none: "Nothing was done yet",
    more: "More",
    failed: "The audit could not be loaded",
  },
  {
    title: "Protokoll",
    unbroken: (entries, checkedAt) =>
      `Lückenlos: ${entries} Einträge, jeder durch den nächsten versiegelt; geprüft ${checkedAt}`,
    broken: (faults) =>
      `Beschädigt: an ${faults} Stellen wurden Einträge geändert, entfernt oder hinzugefügt`,
    brokenHint:
      "Die Datenbank lassen, wie sie ist, und mit einer Sicherung vergleichen: npm run verify -- --help sagt, wie.",
    hash: "Hash des neuesten Eintrags",
    columns: { at: "Wann", who: "Wer", action: "Was", interaction: "Interaktion", detail: "Näheres" },
    actions: {
      ...{
        viewed: "Angesehen",
        exported: "Exportiert",
        held: "Gesperrt (Legal Hold)",
        released: "Sperre aufgehoben",
      },
      ...{ deleted: "Gelöscht", configured: "Konfiguriert" },
    },
    none: "Noch wurde nichts getan",
    more: "Mehr",
    failed: "Das Protokoll konnte nicht geladen werden",
  },
);
