/**
 * What S3 is asked for. The server is a fake that takes all and notes the headers: the real one that Debian has (Swift
 * 2.30, see s3-archive.io.test.ts) knows neither encryption nor Object Lock nor `x-amz-checksum-sha256`.
 */
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchFolder } from "../../../rig/run-site.ts";
import type { S3Options } from "./s3-options.ts";
import { S3Storage } from "./s3-storage.ts";
import { PART_BYTES } from "./s3-upload.ts";

const DAY_MS = 86_400_000;
const LOCK_STATUS =
  "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

interface Asked {
  /** Method, key and what of the object is meant. */
  what: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A bucket that takes everything; `answers` by what was asked are given once each, then the usual ones. */
async function startFake() {
  const asked: Asked[] = [];
  const answers = new Map<string, { status: number; headers?: Record<string, string>; body?: string }>();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (chunk: Buffer) => parts.push(chunk));
    request.on("end", () => {
      const url = new URL(request.url ?? "", "http://s3");
      const about = [...url.searchParams.keys()].filter((name) => name !== "x-id").toSorted();
      const what = [request.method, url.pathname, ...about].join(" ");
      asked.push({ what, headers: request.headers, body: Buffer.concat(parts).toString("latin1") });
      const { status, headers = {}, body = "" } = answers.get(what) ?? { status: 200 };
      const checksum = request.headers["x-amz-checksum-sha256"];
      response.writeHead(status, {
        ETag: '"an etag"',
        ...(checksum === undefined ? {} : { "x-amz-checksum-sha256": checksum }),
        ...headers,
      });
      response.end(request.method === "HEAD" ? "" : body || usualBody(what));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    ...{ asked, answers },
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function usualBody(what: string): string {
  if (what.endsWith(" object-lock")) return LOCK_STATUS;
  if (what.startsWith("POST") && what.endsWith(" uploads")) {
    return "<InitiateMultipartUploadResult><UploadId>up</UploadId></InitiateMultipartUploadResult>";
  }
  if (what.startsWith("POST")) return "<CompleteMultipartUploadResult/>";
  return "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
}

function options(endpoint: string, change: Partial<S3Options> = {}): S3Options {
  const credentials = { accessKeyId: "key", secretAccessKey: "secret" };
  return {
    endpoint,
    region: null,
    credentials,
    encryption: null,
    kmsKeyId: null,
    objectLock: null,
    ...change,
  };
}

const calls = { bucket: "calls", prefix: "deskreel/" };
const sha256 = (content: string | Buffer, how: "hex" | "base64") =>
  createHash("sha256").update(content).digest(how);

/** The headers that decide what a server does with what it gets. */
function decisive({ what, headers }: Asked) {
  const names = ["server-side-encryption", "server-side-encryption-aws-kms-key-id", "object-lock-mode"];
  const found = names.flatMap((name) => {
    const value = headers[`x-amz-${name}`];
    return value === undefined ? [] : [[name, value]];
  });
  return [what, Object.fromEntries(found)];
}

test("every upload is signed over its content, has its sha256, and asks for encryption and the lock", async () => {
  await using fake = await startFake();
  await using scratch = await scratchFolder();
  const asOf = Date.now();
  await using storage = await S3Storage.prepare(
    calls,
    options(fake.endpoint, {
      encryption: "aws:kms",
      kmsKeyId: "alias/calls",
      objectLock: { mode: "COMPLIANCE", days: 30 },
    }),
    scratch.path,
  );
  const content = Buffer.alloc(PART_BYTES + 10, "x");
  const draft = await storage.draft("2026/03/02/ann/v1");
  await writeFile(join(draft, "screen-1.mp4"), content);
  await writeFile(join(draft, "audio.m4a"), "sound");
  fake.asked.length = 0;
  await storage.publish("2026/03/02/ann/v1", draft, [
    { name: "screen-1.mp4", bytes: content.length, sha256: sha256(content, "hex") },
    { name: "audio.m4a", bytes: 5, sha256: sha256("sound", "hex") },
  ]);
  await storage.add("chain/000000000001.json", "entry");
  await storage.replace("chain/head.json", "head");

  const kms = { "server-side-encryption": "aws:kms", "server-side-encryption-aws-kms-key-id": "alias/calls" };
  const locked = { ...kms, "object-lock-mode": "COMPLIANCE" };
  const version = "/calls/deskreel/2026/03/02/ann/v1";
  expect(fake.asked.map(decisive)).toEqual([
    [`POST ${version}/screen-1.mp4 uploads`, locked],
    [`PUT ${version}/screen-1.mp4 partNumber uploadId`, {}],
    [`PUT ${version}/screen-1.mp4 partNumber uploadId`, {}],
    [`POST ${version}/screen-1.mp4 uploadId`, {}],
    [`PUT ${version}/audio.m4a`, locked],
    ["PUT /calls/deskreel/chain/000000000001.json", locked],
    ["PUT /calls/deskreel/chain/head.json", kms],
  ]);
  const [begun, first, second, completed, audio, entry] = fake.asked;
  expect(begun?.headers["x-amz-checksum-algorithm"]).toBe("SHA256");
  for (const [asked, body] of [
    [first, content.subarray(0, PART_BYTES)],
    [second, content.subarray(PART_BYTES)],
    [audio, Buffer.from("sound")],
    [entry, Buffer.from("entry")],
  ] as const) {
    expect(asked?.headers["x-amz-checksum-sha256"]).toBe(sha256(body, "base64"));
    expect(asked?.headers["x-amz-content-sha256"]).toBe(sha256(body, "hex"));
    expect(asked?.body.length).toBe(body.length);
  }
  // The server's own words about the parts come back to it, so it checks that it has what it confirmed.
  expect(completed?.body).toContain(
    `<ChecksumSHA256>${sha256(content.subarray(PART_BYTES), "base64")}</ChecksumSHA256>`,
  );
  const until = Date.parse(String(audio?.headers["x-amz-object-lock-retain-until-date"]));
  expect(until - asOf).toBeGreaterThanOrEqual(30 * DAY_MS - 1_000);
  expect(until - Date.now()).toBeLessThanOrEqual(30 * DAY_MS);
});

test("without options nothing is asked for that a plain server would refuse", async () => {
  await using fake = await startFake();
  await using scratch = await scratchFolder();
  await using storage = await S3Storage.prepare(calls, options(fake.endpoint), scratch.path);
  await storage.add("x.json", "entry");
  expect(fake.asked.map(decisive)).toEqual([
    ["GET /calls/ list-type max-keys prefix", {}],
    ["PUT /calls/deskreel/x.json", {}],
  ]);
  expect(fake.asked[1]?.headers["x-amz-object-lock-retain-until-date"]).toBeUndefined();
  expect(fake.asked[1]?.headers["x-amz-trailer"]).toBeUndefined();
});

test("a bucket without Object Lock is refused where it is configured", async () => {
  await using fake = await startFake();
  fake.answers.set("GET /calls/ object-lock", {
    status: 404,
    body: "<Error><Code>ObjectLockConfigurationNotFoundError</Code><Message>none</Message></Error>",
  });
  const objectLock = { mode: "GOVERNANCE", days: 1 } as const;
  await expect(S3Storage.prepare(calls, options(fake.endpoint, { objectLock }), "/nowhere")).rejects.toThrow(
    "s3://calls/deskreel: the bucket has no Object Lock",
  );
});

test("a lock tells until when it lasts, and all versions of a file are erased", async () => {
  await using fake = await startFake();
  await using storage = S3Storage.reader(calls, options(fake.endpoint));
  const until = new Date(Date.now() + DAY_MS);
  until.setMilliseconds(0);
  const head = (headers: Record<string, string>) =>
    fake.answers.set("HEAD /calls/deskreel/a/v1/manifest.json", { status: 200, headers });
  head({ "x-amz-object-lock-retain-until-date": until.toISOString() });
  expect(await storage.lockedUntil("a/v1/manifest.json")).toBe(until.getTime());
  head({ "x-amz-object-lock-retain-until-date": "2020-01-01T00:00:00Z" });
  expect(await storage.lockedUntil("a/v1/manifest.json")).toBeNull();
  head({ "x-amz-object-lock-legal-hold": "ON" });
  expect(await storage.lockedUntil("a/v1/manifest.json")).toBe(Number.MAX_SAFE_INTEGER);

  const entry = (kind: string, id: string) =>
    `<${kind}><Key>deskreel/a/v1/x</Key><VersionId>${id}</VersionId></${kind}>`;
  fake.answers.set("GET /calls/ prefix versions", {
    status: 200,
    body: `<ListVersionsResult><IsTruncated>false</IsTruncated>${entry("DeleteMarker", "3")}${entry("Version", "2")}${entry("Version", "1")}</ListVersionsResult>`,
  });
  fake.asked.length = 0;
  await storage.erase("a");
  expect(fake.asked.map(({ what }) => what)).toEqual([
    "GET /calls/ prefix versions",
    ...Array.from({ length: 3 }, () => "DELETE /calls/deskreel/a/v1/x versionId"),
    "GET /calls/ prefix uploads",
  ]);
});

test("what the server cannot do now is tried again, and what it refuses is not", async () => {
  await using fake = await startFake();
  await using storage = S3Storage.reader(calls, options(fake.endpoint));
  fake.answers.set("HEAD /calls/deskreel/x", { status: 503 });
  await expect(storage.size("x")).rejects.toThrow(
    "cannot look at s3://calls/deskreel/x: the server answered 503",
  );
  expect(fake.asked).toHaveLength(5);
  fake.asked.length = 0;
  fake.answers.set("HEAD /calls/deskreel/x", { status: 403 });
  await expect(storage.size("x")).rejects.toThrow(
    /the server answered 403 AccessDenied; allow these credentials s3:GetObject/,
  );
  expect(fake.asked).toHaveLength(1);
});
