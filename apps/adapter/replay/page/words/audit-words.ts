import { catalogue } from "./language.ts";

interface AuditWords {
  title: string;
  unbroken: (entries: string, checkedAt: string) => string;
  broken: (faults: string, isOne: boolean) => string;
  brokenHint: string;
  hash: string;
  columns: Record<"at" | "who" | "action" | "interaction" | "detail", string>;
  /** A newer action is shown as the log has it. */
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
    broken: (faults, isOne) =>
      `Broken: ${faults} ${isOne ? "place" : "places"} where entries were changed, removed or added`,
    brokenHint:
      "Keep the database as it is, and compare it with a backup: npm run verify -- --help says how.",
    hash: "Newest entry's hash",
    columns: { at: "When", who: "Who", action: "What", interaction: "Interaction", detail: "More" },
    actions: {
      ...{
        viewed: "Viewed",
        listed: "Saw in a list",
        exported: "Exported",
        verified: "Verified",
        deleted: "Deleted",
      },
      ...{ held: "Put on legal hold", released: "Took off legal hold", configured: "Configured" },
      ...{ "signed-in": "Signed in", "signed-out": "Signed out", "sign-in-failed": "Failed to sign in" },
      ...{ "locked-out": "Locked out", "password-changed": "Changed a password" },
      ...{ "account-made": "Made an account", "account-changed": "Changed an account" },
      ...{ "account-removed": "Removed an account", "teams-changed": "Changed teams" },
      ...{ commented: "Commented", "comment-changed": "Changed a comment" },
      "comment-removed": "Removed a comment",
    },
    none: "Nothing was done yet",
    more: "More",
    failed: "The audit could not be loaded",
  },
  {
    title: "Protokoll",
    unbroken: (entries, checkedAt) =>
      `Lückenlos: ${entries} Einträge, jeder durch den nächsten versiegelt; geprüft ${checkedAt}`,
    broken: (faults, isOne) =>
      `Beschädigt: an ${faults} ${isOne ? "Stelle" : "Stellen"} wurden Einträge geändert, entfernt oder hinzugefügt`,
    brokenHint:
      "Die Datenbank lassen, wie sie ist, und mit einer Sicherung vergleichen: npm run verify -- --help sagt, wie.",
    hash: "Hash des neuesten Eintrags",
    columns: { at: "Wann", who: "Wer", action: "Was", interaction: "Interaktion", detail: "Näheres" },
    actions: {
      ...{
        viewed: "Angesehen",
        listed: "In einer Liste gesehen",
        exported: "Exportiert",
        verified: "Geprüft",
        deleted: "Gelöscht",
      },
      ...{ held: "Gesperrt (Legal Hold)", released: "Sperre aufgehoben", configured: "Konfiguriert" },
      ...{ "signed-in": "Angemeldet", "signed-out": "Abgemeldet", "sign-in-failed": "Anmeldung misslungen" },
      ...{ "locked-out": "Ausgesperrt", "password-changed": "Passwort geändert" },
      ...{ "account-made": "Konto angelegt", "account-changed": "Konto geändert" },
      ...{ "account-removed": "Konto entfernt", "teams-changed": "Teams geändert" },
      ...{ commented: "Kommentiert", "comment-changed": "Kommentar geändert" },
      "comment-removed": "Kommentar entfernt",
    },
    none: "Noch wurde nichts getan",
    more: "Mehr",
    failed: "Das Protokoll konnte nicht geladen werden",
  },
);
