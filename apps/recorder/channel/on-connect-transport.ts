import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `connect-transport` → `ok`. */
export async function onConnectTransport(
  message: DesktopMessageOf<"connect-transport">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  const { desktop } = requireSpeaker(conversation);
  await desktop.connectTransport(message.transportId, message.dtlsParameters);
  return { t: "ok", id: message.id };
}
