import { z } from "zod";

const text = z.string("must be a text").min(1, "must not be empty");

/** What an S3 server knows somebody by. */
export const s3CredentialsSchema = z.strictObject({
  accessKeyId: text,
  secretAccessKey: text,
  sessionToken: text.exactOptional(),
});
