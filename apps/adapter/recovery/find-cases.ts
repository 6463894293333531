import type { EpochMs } from "#shared/time/units.ts";
import { listClosedConversations } from "../dynamics/closed-conversations.ts";
import { isDynamicsId, readConversations } from "../dynamics/conversation-rows.ts";
import { listHomelessRecordings, listRecordingsOf } from "../dynamics/recording-rows.ts";
import type { RecoveryOptions, RecoveryRange } from "./recovery.ts";

/** Calls of which something was missing, by what; each with its end or what comes nearest to it. */
export interface FoundCases {
  lookedAt: { conversations: number; recordings: number; interactions: number };
  noAudio: ReadonlyMap<string, EpochMs>;
  noConversation: ReadonlyMap<string, EpochMs>;
  /** Recordings at Dynamics that name no conversation, by their ids. */
  homeless: ReadonlyMap<string, EpochMs>;
  noScreens: ReadonlyMap<string, EpochMs>;
}

/**
 * Looks for what is missing and sets all of it due: recordings of closed conversations that are not here, conversations of our
 * recordings, rows without a conversation.
 */
export async function findCases(
  { from, to }: RecoveryRange,
  options: RecoveryOptions & { signal: AbortSignal; say: (step: string) => void },
): Promise<FoundCases> {
  const { client, stores, clock, signal, mayArchive, say, onChange, voiceChannels } = options;
  const noAudio = new Map<string, EpochMs>();
  let conversations = 0;
  say("reading closed conversations");
  for await (const page of listClosedConversations(client, { from, to }, voiceChannels, signal)) {
    conversations += page.length;
    for (const { id, closedOn } of page) {
      const hasAudio = stores.audio.listOf(id).some(({ state }) => state === "fetched");
      if (!hasAudio && mayArchive(id)) noAudio.set(id, closedOn);
    }
    say(`read ${conversations} closed conversations, ${noAudio.size} without audio`);
  }
  for (const row of await listRecordingsOf(client, [...noAudio.keys()], signal)) {
    stores.audio.noteListed(row, clock.now());
    stores.audio.makeDue(row.sourceId, clock.now());
    if (row.interactionId !== null) onChange(row.interactionId);
  }

  const recordings = stores.recordings.listStarted(from, to).filter(({ id }) => mayArchive(id));
  const noConversation = new Map(
    recordings
      .filter(({ id }) => stores.conversations.get(id)?.conversation.closed !== true)
      .map(({ id, startedAt }) => [id, startedAt]),
  );
  say(`asking for ${noConversation.size} conversations of recordings`);
  const known = await readConversations(client, [...noConversation.keys()].filter(isDynamicsId), signal);
  for (const [id, conversation] of known) {
    if (stores.conversations.put(id, conversation, clock.now())) onChange(id);
  }

  for (const row of await listHomelessRecordings(client, { from, to }, signal)) {
    stores.audio.noteListed(row, clock.now());
  }
  const homeless = new Map<string, EpochMs>();
  const heard = new Map<string, EpochMs>();
  for (const { sourceId, interactionId, createdOn, state } of stores.audio.listCreated(from, to)) {
    if (interactionId === null) {
      homeless.set(sourceId, createdOn);
      stores.audio.makeDue(sourceId, clock.now());
    } else if (state === "fetched" && mayArchive(interactionId)) heard.set(interactionId, createdOn);
  }
  const noScreens = new Map([...heard, ...noConversation].filter(([id]) => !hasScreens(options, id)));
  const lookedAt = { conversations, recordings: recordings.length, interactions: heard.size };
  return { lookedAt, noAudio, noConversation, homeless, noScreens };
}

/** Whether the newest archived version shows a screen. */
export function hasScreens(
  { catalogue }: Pick<RecoveryOptions, "catalogue">,
  interactionId: string,
): boolean {
  return (catalogue.get(interactionId)?.manifest.screens.length ?? 0) > 0;
}
