import type { CoverageWord } from "#shared/api/coverage.ts";
import { h } from "./dom.ts";
import { icon } from "./icons.ts";
import { COVERAGE_TEXTS } from "./words.ts";

/** How complete an interaction is: a sign, in words for hover and screen readers or beside it. */
export function renderVerdict(word: CoverageWord, withText = false): HTMLElement {
  const text = COVERAGE_TEXTS[word];
  const sign = h("span", { class: `verdict ${word}`, title: text }, icon(word));
  sign.append(h("span", withText ? {} : { class: "visually-hidden" }, text));
  return sign;
}
