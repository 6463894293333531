import { signal } from "@preact/signals";

export const LANGUAGES = ["en", "de"] as const;
export type Language = (typeof LANGUAGES)[number];

/** What each language calls itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = { en: "English", de: "Deutsch" };

const CHOICE = "deskreel.language";

/** The language that the page speaks; whoever reads it follows it. */
export const language = signal<Language>("en");

/** Speaks the language that was chosen here before, else the browser's first one of ours. */
export function startLanguage(): void {
  speak(isLanguage(localStorage.getItem(CHOICE)) ?? preferredOf(navigator.languages));
}

/** Changes the language, here and from now on. */
export function chooseLanguage(chosen: Language): void {
  localStorage.setItem(CHOICE, chosen);
  speak(chosen);
}

/** The first of the browser's languages that we speak; regions do not count. */
export function preferredOf(wanted: readonly string[]): Language {
  return wanted.map((tag) => isLanguage(tag.toLowerCase().split("-")[0] ?? "")).find(Boolean) ?? "en";
}

/**
 * An area's texts; what it returns gives those of the language that is spoken, and components that call it follow it.
 * Typed by the English texts, so that none can be forgotten.
 */
export function catalogue<Texts>(en: Texts, de: NoInfer<Texts>): () => Texts {
  const texts: Readonly<Record<Language, Texts>> = { en, de };
  return () => texts[language.value];
}

function speak(chosen: Language): void {
  language.value = chosen;
  document.documentElement.lang = chosen;
}

function isLanguage(text: string | null): Language | undefined {
  return LANGUAGES.find((known) => known === text);
}
