import {
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { type KeyProtection, SUBPROTOCOL } from "../protocol/messages.ts";

/** What a desktop signs. All of it is in the text, so a signature is of use for nothing else. */
export interface ProofFacts {
  purpose: "prove" | "enrol";
  /** The recorder's challenge: a signature that was heard once is of no use to anybody. */
  nonce: string;
  /** The recorder's host as the desktop has dialled it: another host cannot pass the signature on to the recorder. */
  host: string;
  publicKey: string;
  device: string;
  osUser: string;
}

/** A new Ed25519 pair; `publicKey` as in `authenticate`. */
export function makeDesktopKey(): { publicKey: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { publicKey: publicKeyText(publicKey), privateKey };
}

/** A public key as `authenticate` wants it. */
export function publicKeyText(publicKey: KeyObject): string {
  const { x = "" } = publicKey.export({ format: "jwk" });
  return x;
}

/** @returns 64 bytes in base64url. */
export function signProof(privateKey: KeyObject, facts: ProofFacts): string {
  return sign(null, textOf(facts), privateKey).toString("base64url");
}

/** Whether whoever has the private key has signed exactly this. A key that is none has signed nothing. */
export function isProofOf(facts: ProofFacts, signature: string): boolean {
  const jwk: JsonWebKey = { kty: "OKP", crv: "Ed25519", x: facts.publicKey };
  let key: KeyObject;
  try {
    key = createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    return false;
  }
  return verify(null, textOf(facts), key, Buffer.from(signature, "base64url"));
}

/** What a desktop says with a signature of its own. */
export function proofFor(
  privateKey: KeyObject,
  facts: ProofFacts,
  keyProtection: KeyProtection,
): { host: string; device: string; osUser: string; keyProtection: KeyProtection; signature: string } {
  const { host, device, osUser } = facts;
  return { host, device, osUser, keyProtection, signature: signProof(privateKey, facts) };
}

/** A JSON list: no two sets of facts have the same text. */
function textOf({ purpose, nonce, host, publicKey, device, osUser }: ProofFacts): Buffer {
  return Buffer.from(JSON.stringify([SUBPROTOCOL, purpose, nonce, host, publicKey, device, osUser]), "utf8");
}
