import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `leave` → `ok`: the desktop ends for an update and comes back. */
export async function onLeave(
  message: DesktopMessageOf<"leave">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  await requireSpeaker(conversation).desktop.leaveForUpdate();
  return { t: "ok", id: message.id };
}
