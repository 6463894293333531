import { de } from "./de.ts";
import { en } from "./en.ts";
import type { Messages, PluralForms } from "./messages.ts";

/** A language that the tray can speak, and the locale for times and numbers. */
export interface Language {
  /** BCP 47, as the person prefers it: `de-AT`. */
  locale: string;
  messages: Messages;
}

/** By language subtag. A new language is a file beside `en.ts`, and an entry here. */
export const CATALOGUES = { en, de } satisfies Record<string, Messages>;

/** British: its times read alike everywhere. */
const FALLBACK: Language = { locale: "en-GB", messages: en };

/** @param preferred - BCP 47 tags, the most wanted first; what is none is passed over. */
export function chooseLanguage(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const locale = parseLocale(tag);
    const found = Object.entries(CATALOGUES).find(([language]) => language === locale?.language);
    if (locale !== null && found !== undefined) return { locale: locale.toString(), messages: found[1] };
  }
  return FALLBACK;
}

/** Puts facts where their `{name}` stands; what looks like a place in a fact itself is left alone. */
export function fill(text: string, facts: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => facts[name] ?? place);
}

export function fillCount(forms: PluralForms, count: number, locale: string): string {
  const form = forms[new Intl.PluralRules(locale).select(count)] ?? forms.other;
  return fill(form, { count: new Intl.NumberFormat(locale).format(count) });
}

function parseLocale(tag: string): Intl.Locale | null {
  try {
    return new Intl.Locale(tag);
  } catch (error) {
    // Systems name odd things, like `C`; Intl has no other way to ask whether a tag is one.
    if (error instanceof RangeError) return null;
    throw error;
  }
}
