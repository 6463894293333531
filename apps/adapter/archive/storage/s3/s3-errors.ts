import { S3ServiceException } from "@aws-sdk/client-s3";
import { StorageFailure } from "../storage-failure.ts";

/** What whoever runs the adapter can do about an S3 server's refusal, by the code that the server gave. */
const REMEDIES: Readonly<Record<string, string>> = {
  NoSuchBucket: "make the bucket, or name the right one in the archive's URL",
  InvalidAccessKeyId: "the server does not know the access key: look at the credentials",
  SignatureDoesNotMatch: "the secret access key is not the one of that access key: look at the credentials",
  ExpiredToken: "the credentials have expired: give new ones",
  AccessDenied:
    "allow these credentials s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket and s3:AbortMultipartUpload, for deletions with versions also s3:ListBucketVersions and s3:DeleteObjectVersion",
  NotImplemented:
    "the server does not know something that was asked for: with encryption or objectLock configured, it cannot do those",
  RequestTimeTooSkewed: "this machine's clock and the server's differ: set them",
  PermanentRedirect: "the bucket is in another region: set region, or endpoint",
  AuthorizationHeaderMalformed: "the bucket is in another region: set region",
  KMSNotFoundException: "the server does not have that key: look at kmsKeyId",
  XAmzContentSHA256Mismatch: "what arrived is not what was sent: look at the network and what is in between",
  BadDigest: "what arrived is not what was sent: look at the network and what is in between",
};

/** That an object cannot be had now, while the storage works. */
const BAD_OBJECTS = ["InvalidObjectState"];

/** Whether the server says that there is no such object. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return error.name === "NoSuchKey" || error.name === "NotFound";
}

/** Whether the server says that the bucket has no Object Lock, or that it knows none. */
export function hasNoObjectLock(error: unknown): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  return error.name === "NotImplemented" || error.name === "ObjectLockConfigurationNotFoundError";
}

/**
 * What went wrong at an S3 server, in words: what was tried, where, what came back, what to do.
 *
 * @param doing - what was tried, e.g. `read`.
 * @param where - `s3://bucket/key`.
 */
export function s3Failure(doing: string, where: string, cause: unknown): Error {
  if (cause instanceof StorageFailure) return cause;
  if (!(cause instanceof S3ServiceException)) {
    const what = cause instanceof Error ? cause.message || cause.name : String(cause);
    const remedy =
      cause instanceof Error && cause.name === "CredentialsProviderError"
        ? "give credentials in the configuration, or as AWS' own tools take them"
        : "look at the endpoint, the network between, and the server";
    return new StorageFailure("ARCHIVE_UNREACHABLE", `cannot ${doing} ${where}: ${what}; ${remedy}`, {
      cause,
    });
  }
  const status = cause.$metadata.httpStatusCode ?? 0;
  // The answer to HEAD has no body, so no code either.
  const code = cause.name === "Unknown" || cause.name === "Forbidden" ? codeOf(status) : cause.name;
  const text = `cannot ${doing} ${where}: the server answered ${status} ${code}`;
  if (BAD_OBJECTS.includes(code)) return new Error(`${text} (${cause.message})`, { cause });
  const remedy = REMEDIES[code];
  const isServers = status >= 500 && remedy === undefined;
  const advice = remedy ?? (isServers ? "the server has a fault, or too much to do" : cause.message);
  return new StorageFailure(isServers ? "ARCHIVE_UNREACHABLE" : "ARCHIVE_REFUSED", `${text}; ${advice}`, {
    cause,
  });
}

function codeOf(status: number): string {
  return status === 403 ? "AccessDenied" : status === 301 ? "PermanentRedirect" : "";
}
