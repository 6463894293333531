import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, requireSpeaker } from "./conversation.ts";

/** `ping` → `pong`: carries our time, and renews how long the desktop may go on capturing. Brings what it takes of its PC. */
export function onPing(message: DesktopMessageOf<"ping">, conversation: Conversation): RecorderMessage {
  const { agent, desktop } = requireSpeaker(conversation);
  if (message.figures !== undefined) desktop.setFigures(message.figures);
  return {
    t: "pong",
    id: message.id,
    sentAt: message.sentAt,
    serverTime: conversation.clock.now(),
    stopNoLaterThan: agent.stopNoLaterThan(),
  };
}
