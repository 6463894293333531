import { CLOSE_CODES, type DesktopMessageOf, type RecorderMessage } from "#shared/protocol/messages.ts";
import type { DesktopIdentity } from "../capture/desktop-link.ts";
import { isSamePlace } from "../domain/desktop-trust.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";
import { keyRevoked } from "./on-prove.ts";

/** `hello` → `welcome`, then the command that holds now: `start`, or `stop` for what the desktop wrongly believes. */
export async function onHello(
  message: DesktopMessageOf<"hello">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  if (conversation.speaker !== null)
    throw new RequestRefused("ALREADY_WELCOMED", "hello is said once per connection");
  const { device, osUser, appVersion, displays, recordings, transportId } = message;
  const identity = { agent: message.agent, device, osUser, appVersion };
  const agent = conversation.coordinator.agent(admit(identity, conversation));
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

/** @returns whose desktop it is. @throws {@link RequestRefused} when it may not work, or not as what it says. */
function admit(identity: DesktopIdentity, conversation: Conversation): string {
  const { key, trust } = conversation;
  if (key === null || !isSamePlace(key, identity)) {
    throw new RequestRefused(
      "NOT_THIS_KEYS_DESKTOP",
      `its key is ${key?.osUser}'s on ${key?.device}; it cannot speak for ${identity.osUser} on ${identity.device}`,
      CLOSE_CODES.unauthorized,
    );
  }
  const owner = conversation.ownerOf(identity);
  switch (trust.admit(key.id, owner, conversation.isAssigned(identity))) {
    case "active":
      return owner;
    case "pending":
      throw new RequestRefused(
        "WAITS_FOR_APPROVAL",
        "this desktop waits until an admin approves it",
        CLOSE_CODES.waitsForApproval,
      );
    case "revoked":
      throw keyRevoked();
  }
}
