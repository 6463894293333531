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

const LOCALES: Record<LabelLanguage, string> = { en: "en-US", de: "de-DE" };
/** A format is made once: that takes longer than to use it, and answers have hundreds of numbers and times. */
const NUMBERS = formatsOf((locale) => new Intl.NumberFormat(locale));
const TIMES = formatsOf(
  (locale) =>
    new Intl.DateTimeFormat(locale, {
      ...({ year: "numeric", month: "numeric", day: "numeric" } as const),
      ...({ hour: "numeric", minute: "numeric", second: "numeric", timeZone: "UTC" } as const),
    }),
);

function formatsOf<Format>(make: (locale: string) => Format): Record<LabelLanguage, Format> {
  return { en: make(LOCALES.en), de: make(LOCALES.de) };
}

export function localisedNumber(value: number, language: LabelLanguage): string {
  return NUMBERS[language].format(value);
}

/** @param at - epoch ms; shown in UTC. */
export function localisedTime(at: number, language: LabelLanguage): string {
  return TIMES[language].format(at);
}
