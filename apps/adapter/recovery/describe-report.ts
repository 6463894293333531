import type { RecoveryCase, RecoveryKind } from "../domain/recovery.ts";
import type { RecoveryReport } from "./recovery.ts";

const WORDS: Record<RecoveryKind, string> = {
  "no-audio": "no audio",
  "no-conversation": "no conversation",
  "no-screens": "no screens",
};

/** A report for a person: the counts, then a line per case, those that can never be healed last, where they are seen. */
export function describeReport(report: RecoveryReport, file: string): string[] {
  const { lookedAt, counts, cases } = report;
  const lines = (outcome: RecoveryCase["outcome"]) =>
    cases.filter((one) => one.outcome === outcome).map((one) => `  ${outcome.padEnd(8)}${describeCase(one)}`);
  return [
    `looked at ${lookedAt.conversations} closed conversations, ${lookedAt.recordings} recordings, ${lookedAt.interactions} interactions with audio`,
    ...lines("healed"),
    ...lines("waiting"),
    ...lines("never"),
    `${counts.healed} healed, ${counts.waiting} waiting (they are tried again by themselves), ${counts.never} that never can be`,
    `report: ${file}`,
  ];
}

function describeCase({ kind, interactionId, sourceId, why }: RecoveryCase): string {
  const id = interactionId ?? `recording ${sourceId ?? "unknown"}`;
  return `${WORDS[kind].padEnd(16)}${id}: ${why}`;
}
