import { expect, test } from "vitest";
import { CATALOGUES, chooseLanguage, fill } from "./language.ts";
import type { Messages } from "./messages.ts";

test.each([
  [["de-AT", "en-US"], "de-AT", "de"],
  [["en-US", "de-DE"], "en-US", "en"],
  [["fr-FR", "de"], "de", "de"],
  [["fr-FR"], "en-GB", "en"],
  [["", "C", "de_DE.UTF-8", "de-CH"], "de-CH", "de"],
  [[], "en-GB", "en"],
] as const)("of %j the tray speaks %s", (preferred, locale, catalogue) => {
  expect(chooseLanguage(preferred)).toEqual({ locale, messages: CATALOGUES[catalogue] });
});

test("facts are put in once, whatever they say", () => {
  expect(fill("{a} and {b}", { a: "{b}", b: "$&" })).toBe("{b} and $&");
});

/** Every text by its path, but the plural forms, which differ between languages. */
function textsOf({ monitors, offline, ...texts }: Messages): [string, string][] {
  const nested = Object.entries(offline).map(([reason, text]): [string, string] => [
    `offline.${reason}`,
    text,
  ]);
  return [...Object.entries(texts), ...nested, ["monitors.other", monitors.other]];
}
const placesOf = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

test.each(Object.entries(CATALOGUES))(
  "%s has every text with the places of the English",
  (language, messages) => {
    const shape = (texts: [string, string][]) =>
      Object.fromEntries(texts.map(([path, text]) => [path, placesOf(text)]));
    expect(shape(textsOf(messages))).toEqual(shape(textsOf(CATALOGUES.en)));
    expect(textsOf(messages).filter(([, text]) => text.trim() === "")).toEqual([]);
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    expect(Object.keys(messages.monitors).sort()).toEqual([...categories].sort());
    expect(Object.values(messages.monitors).map(placesOf)).toEqual(categories.map(() => ["{count}"]));
  },
);
