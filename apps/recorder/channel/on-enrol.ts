import { CLOSE_CODES, type DesktopMessageOf, type RecorderMessage } from "#shared/protocol/messages.ts";
import { EnrolmentRefused } from "../trust/enrolment-tokens.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";
import { keyRevoked, proveKey } from "./on-prove.ts";

/** `enrol` → `authenticated`; a token that is of no use ends the connection with 4401. */
export async function onEnrol(
  message: DesktopMessageOf<"enrol">,
  conversation: Conversation,
): Promise<RecorderMessage> {
  const { trust, attempts, remoteAddress } = conversation;
  const publicKey = proveKey(message, "enrol", conversation);
  if (attempts.isSpent(remoteAddress, performance.now())) {
    throw new RequestRefused(
      "TOO_MANY_ATTEMPTS",
      `there were too many wrong enrolment tokens from ${remoteAddress}; none is looked at for a while`,
      CLOSE_CODES.unauthorized,
    );
  }
  const { device, osUser, keyProtection, token } = message;
  try {
    const key = await trust.enrol({ publicKey, device, osUser, keyProtection, token, remoteAddress });
    conversation.key = key;
    return { t: "authenticated", id: message.id, desktopId: key.id };
  } catch (error) {
    if (!(error instanceof EnrolmentRefused)) throw error;
    if (error.code === "KEY_REVOKED") throw keyRevoked();
    attempts.noteFailure(remoteAddress, performance.now());
    throw new RequestRefused(error.code, error.message, CLOSE_CODES.unauthorized);
  }
}
