import { S3Client } from "@aws-sdk/client-s3";

/** How an S3 server is reached, and what it shall do with what it gets. */
export interface S3Options {
  /** Of a server that is not Amazon's; null: Amazon's in that region. */
  endpoint: string | null;
  /** Null: as AWS' own tools take it (environment, profile). */
  region: string | null;
  /** Null: as AWS' own tools take them (environment, profile, the machine's role). */
  credentials: S3Credentials | null;
  /** Null: as the bucket does by itself. */
  encryption: "AES256" | "aws:kms" | null;
  /** With `aws:kms`; null: the bucket's. */
  kmsKeyId: string | null;
  /** Null: the bucket's own default, if it has one. */
  objectLock: { mode: "GOVERNANCE" | "COMPLIANCE"; days: number } | null;
}

export interface S3Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** As often is a request tried that did not arrive, or that the server could not answer. */
const ATTEMPTS = 5;
const CONNECTS_WITHIN_MS = 10_000;
/** A connection on which nothing comes for so long is given up. */
const ANSWERS_WITHIN_MS = 60_000;

export function createS3Client({ endpoint, region, credentials }: S3Options): S3Client {
  return new S3Client({
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECTS_WITHIN_MS, socketTimeout: ANSWERS_WITHIN_MS },
    // Ours are SHA-256, given with each request; others would come as trailers, which many servers do not know.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // Servers that are not Amazon's seldom have a name for each bucket, and mostly take any region.
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true, region: "us-east-1" }),
    ...(region === null ? {} : { region }),
    // A copy: the client notes something in it.
    ...(credentials === null ? {} : { credentials: { ...credentials } }),
  });
}
