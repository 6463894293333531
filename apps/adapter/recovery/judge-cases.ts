import {
  judgeHomeless,
  judgeNoAudio,
  judgeNoConversation,
  judgeNoScreens,
  type RecoveryCase,
} from "../domain/recovery.ts";
import { isDynamicsId } from "../dynamics/conversation-rows.ts";
import { type FoundCases, hasScreens } from "./find-cases.ts";
import type { RecoveryOptions } from "./recovery.ts";

/** What became of what was missing, by what is stored now. */
export function judgeCases(found: FoundCases, options: RecoveryOptions): RecoveryCase[] {
  const { stores, clock, patienceMs } = options;
  const now = clock.now();
  const cases: RecoveryCase[] = [];
  for (const [interactionId, endedAt] of found.noAudio) {
    const verdict = judgeNoAudio(stores.audio.listOf(interactionId), { endedAt, now, patienceMs });
    cases.push({ kind: "no-audio", interactionId, ...verdict });
  }
  for (const [interactionId, endedAt] of found.noConversation) {
    const conversation = stores.conversations.get(interactionId)?.conversation ?? null;
    const isPossibleId = isDynamicsId(interactionId);
    const facts = { isPossibleId, conversation, endedAt, now, patienceMs };
    cases.push({ kind: "no-conversation", interactionId, ...judgeNoConversation(facts) });
  }
  for (const [sourceId, endedAt] of found.homeless) {
    const part = stores.audio.find(sourceId);
    const verdict = judgeHomeless(part, { endedAt, now, patienceMs });
    cases.push({ kind: "no-conversation", interactionId: part?.interactionId ?? null, sourceId, ...verdict });
  }
  for (const [interactionId, endedAt] of found.noScreens) {
    const recordings = stores.recordings.listOf(interactionId).map(({ recording, isWhole }) => ({
      isWhole,
      segments: recording.tracks.reduce((sum, { segments }) => sum + segments.length, 0),
      note: recording.note,
    }));
    const verdict = judgeNoScreens(recordings, hasScreens(options, interactionId), {
      endedAt,
      now,
      patienceMs,
    });
    cases.push({ kind: "no-screens", interactionId, ...verdict });
  }
  return cases;
}
