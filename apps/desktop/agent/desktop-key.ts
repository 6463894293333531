import { createHash, createPrivateKey, createPublicKey, type KeyObject, randomUUID } from "node:crypto";
import { mkdir, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { KEY_PROTECTIONS, type KeyProtection } from "#shared/protocol/messages.ts";
import { writeDurably } from "#shared/runtime/durable-file.ts";
import { DeskreelError, describeError, isSystemError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import { makeDesktopKey, type ProofFacts, publicKeyText, signProof } from "#shared/trust/desktop-proof.ts";

const FORMAT = "deskreel.desktop-key/1";

/** What keeps secrets from others on this computer. */
export interface SecretBox {
  /** Who keeps what is sealed now from others. */
  readonly protection: KeyProtection;
  seal(text: string): Uint8Array;
  /**
   * @param protection - as it was when this was sealed.
   * @throws when it cannot be opened (any more): another user, another computer, damage.
   */
  open(sealed: Uint8Array, protection: KeyProtection): string;
}

/** The key by which the recorder knows this OS user on this device. */
export interface DesktopKey {
  readonly publicKey: string;
  readonly keyProtection: KeyProtection;
  readonly sign: (facts: Omit<ProofFacts, "publicKey">) => string;
}

export interface DesktopKeyOptions {
  /** The app's own folder of this OS user. */
  folder: string;
  device: string;
  osUser: string;
  box: SecretBox;
  log: Log;
}

const fileSchema = z.object({
  format: z.literal(FORMAT),
  publicKey: z.string(),
  keyProtection: z.enum(KEY_PROTECTIONS),
  /** PKCS #8 in base64, sealed, in base64. */
  sealedKey: z.base64(),
});

interface StoredKey {
  privateKey: KeyObject;
  keyProtection: KeyProtection;
}

/**
 * The key of (device, OS user): from its file, or made now. A file of no use is kept aside. Each device has a file of its
 * own, because Windows may carry this folder from PC to PC with the user. Never rejects: a desktop that cannot keep its
 * key works with it until it ends.
 */
export async function openDesktopKey(options: DesktopKeyOptions): Promise<DesktopKey> {
  const { folder, box, log } = options;
  const path = join(folder, "keys", `${nameOf(options)}.json`);
  const stored = await readStored(path, options);
  if (stored !== null && (stored.keyProtection === box.protection || box.protection === "plain"))
    return toKey(stored, log);
  const privateKey = stored?.privateKey ?? makeDesktopKey().privateKey;
  try {
    await store(path, privateKey, box);
    log.info({ keyProtection: box.protection, isNew: stored === null }, "key of this desktop stored");
  } catch (error) {
    log.error(
      { reason: describeError(error) },
      "key of this desktop could not be stored, it is lost at the end",
    );
  }
  return toKey({ privateKey, keyProtection: box.protection }, log);
}

/** Null: there is none, or none of use. */
async function readStored(path: string, { box, log }: DesktopKeyOptions): Promise<StoredKey | null> {
  try {
    return openStored(await readFile(path, "utf8"), box);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return null;
    const keptAs = `${path}.unusable-${randomUUID()}`;
    const reason = describeError(error);
    try {
      await rename(path, keptAs);
      log.error({ reason, keptAs }, "key of this desktop cannot be used, a new one is made");
    } catch (cause) {
      log.error(
        { reason, cause: describeError(cause) },
        "key of this desktop can be neither used nor kept aside",
      );
    }
    return null;
  }
}

function openStored(text: string, box: SecretBox): StoredKey {
  const { publicKey, keyProtection, sealedKey } = fileSchema.parse(JSON.parse(text));
  const der = Buffer.from(box.open(Buffer.from(sealedKey, "base64"), keyProtection), "base64");
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  if (publicKeyText(createPublicKey(privateKey)) !== publicKey)
    throw new DeskreelError("WRONG_KEY", "the private key is not the public key's");
  return { privateKey, keyProtection };
}

async function store(path: string, privateKey: KeyObject, box: SecretBox): Promise<void> {
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const content: z.input<typeof fileSchema> = {
    format: FORMAT,
    publicKey: publicKeyText(createPublicKey(privateKey)),
    keyProtection: box.protection,
    sealedKey: Buffer.from(box.seal(der.toString("base64"))).toString("base64"),
  };
  await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  await writeDurably(path, `${JSON.stringify(content, null, 2)}\n`, 0o600);
}

function toKey({ privateKey, keyProtection }: StoredKey, log: Log): DesktopKey {
  if (keyProtection === "plain")
    log.warn("key of this desktop is kept by its file's rights alone: the OS has no store for secrets here");
  const publicKey = publicKeyText(createPublicKey(privateKey));
  return { publicKey, keyProtection, sign: (facts) => signProof(privateKey, { ...facts, publicKey }) };
}

function nameOf({ device, osUser }: DesktopKeyOptions): string {
  const place = JSON.stringify([device.toLowerCase(), osUser.toLowerCase()]);
  return createHash("sha256").update(place).digest("hex").slice(0, 32);
}
