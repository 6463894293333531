import { isProofOf, type ProofFacts } from "#shared/trust/desktop-proof.ts";
import { CLOSE_CODES, type DesktopMessageOf, type RecorderMessage } from "#shared/protocol/messages.ts";
import { isSamePlace } from "../domain/desktop-trust.ts";
import { type Conversation, RequestRefused } from "./conversation.ts";

/** `prove` → `authenticated`; what is no proof ends the connection with 4401, and a revoked key with 4403. */
export function onProve(message: DesktopMessageOf<"prove">, conversation: Conversation): RecorderMessage {
  const { trust } = conversation;
  const key = trust.findByKey(proveKey(message, "prove", conversation));
  if (key === null) throw refuse("UNKNOWN_KEY", "this key is not enrolled; enrol it with a token");
  if (key.state === "revoked") throw keyRevoked();
  if (!isSamePlace(key, message)) {
    throw refuse(
      "NOT_THIS_KEYS_DESKTOP",
      `this key is ${key.osUser}'s on ${key.device}; it cannot speak for ${message.osUser} on ${message.device}`,
    );
  }
  const { keyProtection } = message;
  // What else is to be noted is noted with its hello.
  if (keyProtection !== key.keyProtection) trust.noteSeen(key.id, keyProtection);
  conversation.key = { ...key, keyProtection };
  return { t: "authenticated", id: message.id, desktopId: key.id };
}

/**
 * Takes the challenge's answer, so that there is no second one.
 *
 * @returns the public key that the desktop has the private key of. @throws {@link RequestRefused}
 */
export function proveKey(
  message: DesktopMessageOf<"prove" | "enrol">,
  purpose: ProofFacts["purpose"],
  conversation: Conversation,
): string {
  const { challenge } = conversation;
  conversation.challenge = null;
  if (challenge === null) throw refuse("NOT_CHALLENGED", "authenticate comes first");
  const { host, device, osUser, signature } = message;
  if (!conversation.answersFor(host)) {
    throw refuse(
      "WRONG_HOST",
      `the desktop has dialled ${host}, which is none of this recorder's names; add it to allowedHosts`,
    );
  }
  const facts = { purpose, nonce: challenge.nonce, host, publicKey: challenge.publicKey, device, osUser };
  if (isProofOf(facts, signature)) return challenge.publicKey;
  throw refuse("WRONG_SIGNATURE", "the signature is not this key's over this challenge");
}

export function keyRevoked(): RequestRefused {
  return new RequestRefused("KEY_REVOKED", "this desktop's key was revoked by an admin", CLOSE_CODES.revoked);
}

function refuse(code: string, message: string): RequestRefused {
  return new RequestRefused(code, message, CLOSE_CODES.unauthorized);
}
