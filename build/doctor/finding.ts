import type { Finding } from "./findings.mjs";

export type { Finding };

/** Makes the findings of one group. */
export interface FindingMaker {
  ok: (name: string, found: string) => Finding;
  /** @param mend - what to do about it. */
  warn: (name: string, found: string, mend: string) => Finding;
  fail: (name: string, found: string, mend: string) => Finding;
}

/** @param group - the heading that they stand under. */
export function findingsOf(group: string): FindingMaker {
  return {
    ok: (name, found) => ({ group, name, state: "ok", found }),
    warn: (name, found, mend) => ({ group, name, state: "warn", found, mend }),
    fail: (name, found, mend) => ({ group, name, state: "fail", found, mend }),
  };
}

/** A time span as people say it, cut to its two biggest units: `2 d 3 h`, `3 h 12 min`, `40 s`. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  const [days, hours, minutes] = [86_400, 3_600, 60].map((unit) => Math.floor(seconds / unit)) as [
    number,
    number,
    number,
  ];
  if (days > 0) return `${days} d${hours % 24 > 0 ? ` ${hours % 24} h` : ""}`;
  if (hours > 0) return `${hours} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ""}`;
  return minutes > 0 ? `${minutes} min` : `${seconds} s`;
}
