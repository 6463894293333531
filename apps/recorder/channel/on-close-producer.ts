import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `close-producer` → `ok`: one monitor's stream ended at the desktop. */
export async function onCloseProducer(
  message: DesktopMessageOf<"close-producer">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  await requireSpeaker(conversation).desktop.closeProducer(message.producerId, message.reason);
  return { t: "ok", id: message.id };
}
