import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `displays` → `ok`: monitors came, went or changed size. */
export function onDisplays(
  message: DesktopMessageOf<"displays">,
  conversation: Conversation,
): RecorderMessage {
  requireSpeaker(conversation).desktop.setDisplays(message.displays);
  return { t: "ok", id: message.id };
}
