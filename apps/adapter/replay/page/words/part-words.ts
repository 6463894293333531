import { catalogue } from "./language.ts";

/** What parts of every view say. */
export const partWords = catalogue(
  {
    cancel: "Cancel",
    close: "Close",
    failed: (why: string) => `That did not work: ${why}`,
  },
  {
    cancel: "Abbrechen",
    close: "Schließen",
    failed: (why) => `Das ging nicht: ${why}`,
  },
);
