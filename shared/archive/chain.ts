import { z } from "zod";

export const CHAIN_ENTRY_FORMAT = "deskreel.chain-entry/1";
export const CHAIN_HEAD_FORMAT = "deskreel.chain-head/1";

/** A sha256 in the archive. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hex digits");

/** Ed25519 (RFC 8032) over the document's RFC 8785 form without this member. */
export const signatureSchema = z.strictObject({
  alg: z.literal("Ed25519"),
  /** The first 16 hex digits of the sha256 of the public key's DER form (SPKI). */
  keyId: z.string().regex(/^[0-9a-f]{16}$/, "must be 16 lower-case hex digits"),
  value: z.base64().length(88, "must be 64 bytes in base64"),
});
export type Signature = z.infer<typeof signatureSchema>;

const chainLinkSchema = z.strictObject({
  /** The chain's entries are counted from 1. */
  sequence: z.int().positive(),
  /** The entry's file relative to the archive's root, with slashes. */
  place: z.string(),
  /** Of the file's bytes. */
  sha256: sha256Schema,
});
/** An entry of the archive's chain, as another one names it. */
export type ChainLink = z.infer<typeof chainLinkSchema>;

/** What a signed document follows; null = it is the first one. */
export const previousSchema = z.strictObject({
  entry: chainLinkSchema.nullable(),
  /** The manifest of the version before of the same interaction; null in what is no manifest. */
  version: z.strictObject({ version: z.int().positive(), sha256: sha256Schema }).nullable(),
});
export type Previous = z.infer<typeof previousSchema>;

const adoptedSchema = z.strictObject({
  kind: z.literal("adopted"),
  /** Manifests that were there before the archive had a key, and so are not signed themselves. */
  manifests: z.array(z.strictObject({ place: z.string(), sha256: sha256Schema })),
});

/** Who may have an interaction, and why; `by` is a person's or a program's name, or `retention`. */
const about = { interactionId: z.string(), by: z.string(), reason: z.string() };

const heldSchema = z.strictObject({ kind: z.literal("held"), ...about });
const releasedSchema = z.strictObject({ kind: z.literal("released"), ...about });

/** A tombstone: what was there, so that the chain can be followed over it. */
const deletedSchema = z.strictObject({
  kind: z.literal("deleted"),
  ...about,
  /** Every version's manifest. */
  manifests: z.array(
    z.strictObject({
      place: z.string(),
      sha256: sha256Schema,
      /** Null in a manifest that was adopted. */
      sequence: z.int().positive().nullable(),
      /** The entry before it. */
      follows: chainLinkSchema.nullable(),
    }),
  ),
});
export type Tombstone = z.infer<typeof deletedSchema>;

/** How long the adapter's audit log was, so that its end cannot be cut off without its being seen. */
const auditedSchema = z.strictObject({
  kind: z.literal("audited"),
  entries: z.int().positive(),
  /** Of the newest of them. */
  sha256: sha256Schema,
});

/** An entry of the chain that is no manifest: `chain/<12-digit sequence>.json`. */
export const chainEntrySchema = z.strictObject({
  format: z.literal(CHAIN_ENTRY_FORMAT),
  at: z.string(),
  what: z.discriminatedUnion("kind", [
    adoptedSchema,
    heldSchema,
    releasedSchema,
    deletedSchema,
    auditedSchema,
  ]),
  previous: previousSchema,
  signature: signatureSchema,
});
export type ChainEntry = z.infer<typeof chainEntrySchema>;

/** `chain/head.json`: the newest entry, without which the loss of the newest ones could not be seen. */
export const chainHeadSchema = z.strictObject({
  format: z.literal(CHAIN_HEAD_FORMAT),
  entry: chainLinkSchema.nullable(),
  /** What is being written, if a crash left it so: it belongs to the chain once its file is there. */
  next: chainLinkSchema.nullable(),
  signature: signatureSchema,
});
export type ChainHead = z.infer<typeof chainHeadSchema>;
