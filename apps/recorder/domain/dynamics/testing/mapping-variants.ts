import { type ConversationKnowledge, deriveConversationEvents } from "../conversation-events.ts";
import type { MappingSettings } from "../mapping-settings.ts";
import { known, lines, SETTINGS } from "./known-rows.ts";

/** What the mapping makes of a call, as lines. */
export function derive(
  facts: Partial<ConversationKnowledge>,
  settings: Partial<MappingSettings> = {},
): string[] {
  return lines(deriveConversationEvents(known(facts), { ...SETTINGS, ...settings }));
}

/** A call and what the mapping makes of it. */
export interface Variant {
  name: string;
  facts: Partial<ConversationKnowledge>;
  settings?: Partial<MappingSettings>;
  events: string[];
}
