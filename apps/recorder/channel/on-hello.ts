import type { DesktopMessageOf, RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";

/** `hello` → `welcome`, then the command that holds now: `start`, or `stop` for what the desktop wrongly believes. */
export async function onHello(
  message: DesktopMessageOf<"hello">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  if (conversation.speaker !== null)
    throw new RequestRefused("ALREADY_WELCOMED", "hello is said once per connection");
  const { device, osUser, appVersion, displays, recordings, transportId } = message;
  const identity = { agent: message.agent, device, osUser, appVersion };
  const agent = conversation.coordinator.agent(conversation.ownerOf(identity));
  const desktop = agent.desktop(identity);
  conversation.speaker = { agent, desktop };
  conversation.replaceOthers(desktop);
  const isResumed = await desktop.connect(conversation.link, {
    displays,
    appVersion,
    heldTransportId: transportId,
  });
  conversation.afterwards(() => {
    const command = agent.command();
    if (command !== null || recordings.length > 0) void desktop.command(command);
  });
  return {
    t: "welcome",
    id: message.id,
    policy: conversation.coordinator.policy,
    routerRtpCapabilities: conversation.routerRtpCapabilities,
    serverTime: conversation.clock.now(),
    heartbeatMs: conversation.heartbeatMs,
    transportId: isResumed ? transportId : null,
  };
}
