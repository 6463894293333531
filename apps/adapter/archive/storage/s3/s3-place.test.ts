import { expect, test } from "vitest";
import { parseS3Url } from "./s3-place.ts";

test.each([
  ["s3://calls", "calls", ""],
  ["s3://calls/", "calls", ""],
  ["s3://calls.contoso.com/deskreel", "calls.contoso.com", "deskreel/"],
  ["s3://calls/a/b/", "calls", "a/b/"],
])("%s is the bucket %s with the prefix %j", (text, bucket, prefix) => {
  expect(parseS3Url(text)).toEqual({ bucket, prefix });
});

test.each(["s3://", "s3://x", "s3://Calls", "s3://calls//a", "s3://calls/../a", "file:/calls"])(
  "%s is refused",
  (text) => {
    expect(() => parseS3Url(text)).toThrow(/must be s3:\/\/BUCKET or s3:\/\/BUCKET\/PREFIX/);
  },
);
