import type { InteractionFacts } from "../domain/interaction-facts.ts";
import type { ReadinessFacts } from "../domain/readiness.ts";
import type { AdapterStores } from "../store/stores.ts";

/** All that can go into a version now: what is wholly here. */
export function gatherFacts(stores: AdapterStores, interactionId: string): InteractionFacts {
  return {
    interactionId,
    recordings: stores.recordings
      .listOf(interactionId)
      .flatMap(({ recording, isWhole }) => (isWhole ? [recording] : [])),
    audio: stores.audio
      .listOf(interactionId)
      .flatMap(({ sourceId, createdOn, state, file }) =>
        state === "fetched" && file !== null ? [{ sourceId, createdOn, file }] : [],
      ),
    conversation: stores.conversations.get(interactionId)?.conversation ?? null,
  };
}

/** What the judgement on an interaction rests on. */
export function gatherReadiness(stores: AdapterStores, interactionId: string): ReadinessFacts {
  const known = stores.conversations.get(interactionId);
  const speakers = known?.conversation.participants.filter(
    ({ speaks, joinedOn }) => speaks && joinedOn !== null,
  );
  return {
    recordings: stores.recordings
      .listOf(interactionId)
      .map(({ recording, isWhole, handedOff, receivedAt }) => ({
        ...{ isWhole, handedOff, receivedAt },
        agent: recording.agent,
      })),
    audio: stores.audio.listOf(interactionId),
    conversation:
      known === null
        ? null
        : {
            closed: known.conversation.closed,
            changedAt: known.changedAt,
            speakers: new Set(speakers?.map(({ agentId }) => agentId)).size,
          },
  };
}
