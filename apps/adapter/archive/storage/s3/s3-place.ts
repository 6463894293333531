import { DeskreelError } from "#shared/runtime/errors.ts";

/** Where an archive lies in S3. */
export interface S3Place {
  bucket: string;
  /** What every key begins with: empty, or with a slash at its end. */
  prefix: string;
}

/**
 * Reads `s3://bucket/prefix`; the prefix may be left out.
 *
 * @throws DeskreelError `BAD_S3_URL`
 */
export function parseS3Url(text: string): S3Place {
  const [, bucket, path = ""] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? [];
  const names = path.split("/").filter((name) => name !== "");
  const isPath = path === names.join("/") || path === `${names.join("/")}/`;
  if (bucket === undefined || !isPath || names.some((name) => name === "." || name === "..")) {
    throw new DeskreelError(
      "BAD_S3_URL",
      `${JSON.stringify(text)} must be s3://BUCKET or s3://BUCKET/PREFIX`,
    );
  }
  return { bucket, prefix: names.map((name) => `${name}/`).join("") };
}
