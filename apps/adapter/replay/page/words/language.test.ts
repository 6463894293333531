import { expect, test } from "vitest";
import { catalogue, language, preferredOf } from "./language.ts";

test.each([
  [["de-AT", "en"], "de"],
  [["fr", "DE", "en-US"], "de"],
  [["en-US", "de"], "en"],
  [["fr"], "en"],
  [[], "en"],
] as const)("of %j the page speaks %s", (wanted, spoken) => {
  expect(preferredOf(wanted)).toBe(spoken);
});

test("a catalogue has the texts of the language that is spoken", () => {
  const words = catalogue({ yes: "Yes" }, { yes: "Ja" });
  expect(words().yes).toBe("Yes");
  language.value = "de";
  expect(words().yes).toBe("Ja");
  language.value = "en";
});
