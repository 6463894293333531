import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `create-transport` → `transport`; the one before it, if any, is closed. */
export async function onCreateTransport(
  message: DesktopMessageOf<"create-transport">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  const ingress = await requireSpeaker(conversation).desktop.createTransport();
  return {
    t: "transport",
    id: message.id,
    transportId: ingress.transportId,
    iceParameters: ingress.iceParameters,
    iceCandidates: ingress.iceCandidates,
    dtlsParameters: ingress.dtlsParameters,
  };
}
