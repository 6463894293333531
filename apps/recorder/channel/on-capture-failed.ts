import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `capture-failed` → `ok`: one monitor gives no picture. */
export function onCaptureFailed(
  message: DesktopMessageOf<"capture-failed">,
  conversation: Conversation,
): RecorderMessage {
  requireSpeaker(conversation).desktop.failDisplay(message.display, message.reason, message.message);
  return { t: "ok", id: message.id };
}
