import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { AdapterConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { s3CredentialsSchema } from "#shared/archive/s3-credentials.ts";
import type { ArchiveStorage } from "./archive-storage.ts";
import { FolderStorage } from "./folder-storage.ts";
import type { S3Credentials } from "./s3/s3-options.ts";
import { parseS3Url } from "./s3/s3-place.ts";
import { S3Storage } from "./s3/s3-storage.ts";

/**
 * Where an adapter's archive lies, as it is configured; its opener disposes of it.
 *
 * @throws DeskreelError when it cannot be used: of which code, the storage says.
 */
export async function openStorage({ archive, dataDir }: AdapterConfig): Promise<ArchiveStorage> {
  const { url, credentialsFile, ...options } = archive;
  if (url.startsWith("file:")) return await FolderStorage.prepare(fileURLToPath(url));
  const credentials =
    credentialsFile === null ? options.credentials : await readS3Credentials(credentialsFile);
  return await S3Storage.prepare(
    parseS3Url(url),
    { ...options, credentials },
    join(dataDir, "scratch", "archive"),
  );
}

/**
 * A JSON file `{accessKeyId, secretAccessKey, sessionToken?}`.
 *
 * @throws DeskreelError `BAD_CREDENTIALS`, which does not quote what is in the file.
 */
export async function readS3Credentials(path: string): Promise<S3Credentials> {
  let tree: unknown;
  try {
    tree = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    const isJson = !(cause instanceof SyntaxError);
    throw new DeskreelError(
      "BAD_CREDENTIALS",
      `the credentials file ${path} ${isJson ? "cannot be read" : "is no JSON"}`,
      // A parser's own words quote the text.
      isJson ? { cause } : {},
    );
  }
  const parsed = s3CredentialsSchema.safeParse(tree);
  if (parsed.success) return parsed.data;
  const why = z.prettifyError(parsed.error).replaceAll(/\s*\n\s*/g, " ");
  throw new DeskreelError("BAD_CREDENTIALS", `the credentials file ${path} is wrong: ${why}`);
}
