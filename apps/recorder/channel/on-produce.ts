import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `produce` → `produced`: one monitor's stream begins. */
export async function onProduce(
  message: DesktopMessageOf<"produce">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  const { desktop } = requireSpeaker(conversation);
  const producerId = await desktop.produce(message.transportId, message.display, message.rtpParameters);
  return { t: "produced", id: message.id, producerId };
}
