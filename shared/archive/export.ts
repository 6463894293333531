import { z } from "zod";
import { sha256Schema, signatureSchema } from "./chain.ts";

export const EXPORT_FORMAT = "deskreel.export/1";
/** In the root of an export. */
export const EXPORT_FILE = "export.json";

/** `export.json`: what of an archive an export has, signed by who exported it. */
export const exportSchema = z.strictObject({
  format: z.literal(EXPORT_FORMAT),
  exportedAt: z.string(),
  interactionId: z.string(),
  version: z.int().positive(),
  /** The version's folder. */
  place: z.string(),
  /** All that the version's manifest does not list, itself among it; but not this file. */
  files: z.array(z.strictObject({ name: z.string(), bytes: z.int().nonnegative(), sha256: sha256Schema })),
  signature: signatureSchema,
});
export type ExportDocument = z.infer<typeof exportSchema>;
