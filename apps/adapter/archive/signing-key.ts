import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { canonicalJson } from "#shared/archive/canonical-json.ts";
import type { Signature } from "#shared/archive/chain.ts";
import { writeDurably } from "#shared/runtime/durable-file.ts";
import { DeskreelError, isSystemError } from "#shared/runtime/errors.ts";

/** What this adapter signs with. */
export interface SigningKey {
  readonly keyId: string;
  /** The public half, SPKI in PEM. */
  readonly publicPem: string;
  /** The document with its signature as the last member. */
  sign<Document extends object>(document: Document): Document & { signature: Signature };
}

/** Public keys by their id. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/**
 * The archive's key: read, or made at first start with mode 0600.
 *
 * @throws DeskreelError `BAD_SIGNING_KEY` when the file is there but cannot be used.
 */
export async function openSigningKey(path: string): Promise<SigningKey> {
  const key = await readPrivateKey(path);
  const publicKey = createPublicKey(key);
  const keyId = idOf(publicKey);
  return {
    keyId,
    publicPem: pemOf(publicKey),
    sign: (document) => {
      const value = sign(null, Buffer.from(canonicalJson(document)), key).toString("base64");
      return { ...document, signature: { alg: "Ed25519", keyId, value } };
    },
  };
}

async function readPrivateKey(path: string): Promise<KeyObject> {
  let key: KeyObject;
  try {
    key = createPrivateKey(await readFile(path, "utf8"));
  } catch (cause) {
    if (isSystemError(cause, "ENOENT")) return await makePrivateKey(path);
    // The cause may quote the file, and the file is a secret.
    throw new DeskreelError("BAD_SIGNING_KEY", `${path} is no readable private key in PEM`);
  }
  if (key.asymmetricKeyType === "ed25519") return key;
  const found = key.asymmetricKeyType ?? "unknown";
  throw new DeskreelError("BAD_SIGNING_KEY", `${path} has a key of type ${found}, it must be ed25519`);
}

async function makePrivateKey(path: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync("ed25519");
  await mkdir(dirname(path), { recursive: true });
  await writeDurably(path, privateKey.export({ type: "pkcs8", format: "pem" }), 0o600);
  return privateKey;
}

/**
 * Public keys one after the other in PEM, as the archive publishes them.
 *
 * @throws DeskreelError `BAD_PUBLIC_KEY` for anything else, be it one byte more.
 */
export function readPublicKeys(text: string, source: string): PublicKeys {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----\n[^-]+-----END PUBLIC KEY-----\n/g) ?? [];
  try {
    const keys = blocks.map((block) => createPublicKey(block));
    // A key can be written in more than one way; what is published is one of them, to the byte.
    const isExact = keys.map(pemOf).join("") === text;
    if (isExact && keys.length > 0 && keys.every(({ asymmetricKeyType: type }) => type === "ed25519")) {
      return new Map(keys.map((key) => [idOf(key), key]));
    }
  } catch (cause) {
    throw new DeskreelError("BAD_PUBLIC_KEY", `${source} is not readable as public keys`, { cause });
  }
  throw new DeskreelError("BAD_PUBLIC_KEY", `${source} must be nothing but Ed25519 public keys in PEM`);
}

/** Of keys as {@link readPublicKeys} takes them, the one with this id; null when it is not among them. */
export function publicPemOf(text: string, keyId: string): string | null {
  const key = readPublicKeys(text, "the archive's file of public keys").get(keyId);
  return key === undefined ? null : pemOf(key);
}

/** What is wrong with a document's signature; null when one of the keys made it. */
export function signatureFault(document: { signature: Signature }, keys: PublicKeys): string | null {
  const { signature, ...signed } = document;
  const key = keys.get(signature.keyId);
  if (key === undefined) {
    return `is signed with key ${signature.keyId}, valid is ${[...keys.keys()].join(" or ") || "none"}`;
  }
  let bytes: Buffer;
  try {
    bytes = Buffer.from(canonicalJson(signed));
  } catch (error) {
    return `cannot be verified: ${String(error)}`;
  }
  const isGood = verify(null, bytes, key, Buffer.from(signature.value, "base64"));
  return isGood ? null : `does not have the content that key ${signature.keyId} signed`;
}

/** The bytes of a signed document's file; any other writing of the same JSON is a change. */
export function renderDocument(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

export function sha256Of(bytes: string | Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function idOf(key: KeyObject): string {
  return createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest("hex")
    .slice(0, 16);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}
