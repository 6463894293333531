import { GERMAN_LABELS } from "./german-labels.ts";

/** The language of the user for whom labels are formatted. */
export const LABEL_LANGUAGES = ["en", "de"] as const;
export type LabelLanguage = (typeof LABEL_LANGUAGES)[number];

/** The label of an option set's number in a language; English where it was never translated, as Dataverse does. */
export function localisedLabel(
  labels: Readonly<Record<number, string>>,
  value: number,
  language: LabelLanguage,
): string {
  const english = labels[value] ?? String(value);
  return language === "de" ? (GERMAN_LABELS[english] ?? english) : english;
}

/** Dataverse's names of the two values of a flag. */
export function flagLabel(value: boolean, language: LabelLanguage): string {
  return { en: ["No", "Yes"], de: ["Nein", "Ja"] }[language][Number(value)] ?? "";
}

/** For numbers and times. */
export function localeOf(language: LabelLanguage): string {
  return { en: "en-US", de: "de-DE" }[language];
}
