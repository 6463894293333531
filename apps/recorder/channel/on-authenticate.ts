import { randomBytes } from "node:crypto";
import { CLOSE_CODES, type DesktopMessageOf, type RecorderMessage } from "#shared/protocol/messages.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";

const NONCE_BYTES = 32;

/** `authenticate` → `challenge`, once per connection, so that nobody collects challenges. */
export function onAuthenticate(
  { id, publicKey }: DesktopMessageOf<"authenticate">,
  conversation: Conversation,
): RecorderMessage {
  if (conversation.challenge !== null || conversation.key !== null)
    throw new RequestRefused(
      "ALREADY_CHALLENGED",
      "there is one challenge per connection",
      CLOSE_CODES.unauthorized,
    );
  const nonce = randomBytes(NONCE_BYTES).toString("base64url");
  conversation.challenge = { nonce, publicKey };
  return { t: "challenge", id, nonce, isKnown: conversation.trust.findByKey(publicKey) !== null };
}
