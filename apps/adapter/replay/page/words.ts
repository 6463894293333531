import type { CoverageWord } from "#shared/api/coverage.ts";

/** What the verdict over an interaction says to a person. */
export const COVERAGE_TEXTS: Readonly<Record<CoverageWord, string>> = {
  recorded: "Complete",
  partial: "Partly recorded",
  "not-recorded": "Not recorded",
};

/** `1 screen`, `2 screens`. */
export function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}
