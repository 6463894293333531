/** Archives in a bucket of a real S3 server, OpenStack Swift; what it does not know is in s3-requests.io.test.ts. */
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { startSwift, type Swift, SWIFT_LACKS } from "../../../../../e2e/rig/swift.ts";
import { startAdapter } from "../../../adapter.ts";
import { applyRetention, reindex } from "../../../commands.ts";
import { FakeRecorder } from "../../../rig/fake-recorder.ts";
import { makeScreen } from "../../../rig/made-media.ts";
import { madeRecording, madeSegment } from "../../../rig/made-recording.ts";
import { scratchFolder, startRig } from "../../../rig/run-site.ts";
import { archiveMade, MADE_AT, openMadeArchive } from "../../rig/made-archive.ts";
import { verifyArchive } from "../../verify-archive.ts";
import { FolderStorage } from "../folder-storage.ts";
import { createS3Client, type S3Options } from "./s3-options.ts";
import { parseS3Url } from "./s3-place.ts";
import { PART_BYTES } from "./s3-upload.ts";
import { S3Storage } from "./s3-storage.ts";
import { startMeddler } from "./rig/meddler.ts";

if (SWIFT_LACKS !== null) process.stdout.write(`skipped: ${SWIFT_LACKS}\n`);
const onSwift = test.skipIf(SWIFT_LACKS !== null);

const ANN = "2026/03/02/ann/v1";
let swift: Swift;
let client: S3Client;
let buckets = 0;

beforeAll(async () => {
  if (SWIFT_LACKS !== null) return;
  swift = await startSwift();
  client = createS3Client(options());
});

afterAll(async () => {
  client?.destroy();
  await swift?.[Symbol.asyncDispose]();
});

function options(change: Partial<S3Options> = {}): S3Options {
  const { endpoint, credentials } = swift;
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

/** A new bucket with the URL of an archive in it, and a folder for this machine's side. */
async function openBucket() {
  buckets += 1;
  const Bucket = `calls-${buckets}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  const url = `s3://${Bucket}/deskreel`;
  const scratch = await scratchFolder();
  const storage = (change: Partial<S3Options> = {}) =>
    S3Storage.prepare(parseS3Url(url), options(change), join(scratch.path, "versions"));
  return {
    ...{ Bucket, url, storage },
    folder: scratch.path,
    keys: async () => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
      return Contents.map(({ Key }) => Key);
    },
    put: (place: string, Body: string) =>
      client.send(new PutObjectCommand({ Bucket, Key: `deskreel/${place}`, Body })),
    remove: (place: string) => client.send(new DeleteObjectCommand({ Bucket, Key: `deskreel/${place}` })),
    [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose](),
  };
}

type OpenBucket = Awaited<ReturnType<typeof openBucket>>;

/** Ann in two versions and Bob, as an adapter archives them. */
async function fill(bucket: OpenBucket): Promise<void> {
  await using storage = await bucket.storage();
  const archive = await openMadeArchive(bucket.folder, storage);
  await archiveMade(archive, "ann", 1);
  await archiveMade(archive, "bob", 1);
  await archiveMade(archive, "ann", 2);
}

/** The command as a user runs it, with AWS' own variables for what is not an argument. */
async function verify(bucket: OpenBucket): Promise<{ code: number | null; lines: string[] }> {
  const output: string[] = [];
  const program = join(import.meta.dirname, "../../../verify.ts");
  const { accessKeyId, secretAccessKey } = swift.credentials;
  const env = { ...process.env, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const code = await run(process.execPath, [program, bucket.url, "--endpoint", swift.endpoint], {
    env,
    onStdout: (chunk) => void output.push(chunk.toString()),
  }).then(
    () => 0,
    (error: unknown) => {
      if (!(error instanceof SubprocessError)) throw error;
      output.push(error.stderr);
      return error.exitCode;
    },
  );
  return { code, lines: output.join("").trim().split("\n") };
}

function configured(bucket: OpenBucket, change: object = {}) {
  const { endpoint, credentials } = swift;
  const signingKeyFile = join(bucket.folder, "signing-key.pem");
  const archive = { url: bucket.url, endpoint, credentials, signingKeyFile, ...change };
  const { adapter } = configSchema(bucket.folder).parse({ adapter: { archive } });
  const lines: string[] = [];
  return { adapter, log: silentLog(), say: (line: string) => void lines.push(line), lines };
}

onSwift(
  "an archive in a bucket verifies by the command, with AWS' own variables for the credentials",
  async () => {
    await using bucket = await openBucket();
    await fill(bucket);
    expect(await verify(bucket)).toEqual({
      code: 0,
      lines: [
        expect.stringMatching(/^chain of 3 entries, the newest has sha256 [0-9a-f]{64}$/),
        "2 interactions, 3 versions, 3 files, 42 bytes verified: 0 faults, 0 unfinished",
      ],
    });
    expect(await bucket.keys()).toEqual([
      "deskreel/2026/03/02/ann/v1/audio.m4a",
      "deskreel/2026/03/02/ann/v1/manifest.json",
      "deskreel/2026/03/02/ann/v2/audio.m4a",
      "deskreel/2026/03/02/ann/v2/manifest.json",
      "deskreel/2026/03/02/bob/v1/audio.m4a",
      "deskreel/2026/03/02/bob/v1/manifest.json",
      "deskreel/chain/head.json",
      "deskreel/signing-key.pem",
    ]);
  },
);

onSwift.each<[string, (bucket: OpenBucket) => Promise<unknown>, RegExp]>([
  ["a changed file", ({ put }) => put(`${ANN}/audio.m4a`, "sound of anN 1"), /v1\/audio\.m4a has sha256/],
  ["a missing file", ({ remove }) => remove(`${ANN}/audio.m4a`), /v1\/audio\.m4a is missing/],
  ["an added file", ({ put }) => put(`${ANN}/more.txt`, "?"), /v1\/more\.txt is not listed in the manifest/],
  [
    "a missing version",
    ({ remove }) => remove(`${ANN}/manifest.json`),
    /v1\/manifest\.json is missing: entry 1/,
  ],
  [
    "an added document",
    ({ put }) => put("chain/000000000009.json", "{}"),
    /000000000009\.json is not readable/,
  ],
  ["something strange", ({ put }) => put("2026/notes.txt", "?"), /2026\/notes\.txt does not belong/],
])("%s in the bucket is found", async (_title, damage, line) => {
  await using bucket = await openBucket();
  await fill(bucket);
  await damage(bucket);
  const { code, lines } = await verify(bucket);
  expect({ code, line: lines.find((found) => found.startsWith("fault: ")) }).toEqual({
    code: 1,
    line: expect.stringMatching(line) as string,
  });
});

onSwift(
  "a version without its manifest is unfinished, and goes when the version is begun again",
  async () => {
    await using bucket = await openBucket();
    await fill(bucket);
    await bucket.put("2026/03/02/cyd/v1/audio.m4a", "half");
    await bucket.put("2026/03/02/cyd/v1/screen-9.mp4", "half");
    expect((await verify(bucket)).lines).toContain(
      "unfinished: 2026/03/02/cyd/v1 has no manifest (no fault)",
    );
    await using storage = await bucket.storage();
    await archiveMade(await openMadeArchive(bucket.folder, storage), "cyd", 1);
    expect(await verify(bucket)).toMatchObject({ code: 0 });
  },
);

onSwift(
  "a large file goes in parts, is read in ranges, and is gone when it is not what was listed",
  async () => {
    await using bucket = await openBucket();
    await using storage = await bucket.storage();
    const draft = await storage.draft(ANN);
    const content = Buffer.alloc(2 * PART_BYTES + 1_000);
    for (let at = 0; at < content.length; at += 4) content.writeUInt32LE((at * 2_654_435_761) % 2 ** 32, at);
    const sha256 = createHash("sha256").update(content).digest("hex");
    const listed = { name: "screen-1.mp4", bytes: content.length, sha256 };
    await writeFile(join(draft, listed.name), content);
    await expect(storage.publish(ANN, draft, [{ ...listed, sha256: "0".repeat(64) }])).rejects.toThrow(
      /screen-1\.mp4 has 33555432 bytes with sha256 [0-9a-f]{64}; when it was made/,
    );
    expect(await storage.size(`${ANN}/screen-1.mp4`)).toBeNull();
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.Bucket }));
    expect(Uploads ?? []).toEqual([]);

    await storage.publish(ANN, draft, [listed]);
    expect(await storage.size(`${ANN}/screen-1.mp4`)).toBe(content.length);
    const read = async (from: number, to: number) =>
      Buffer.concat((await (await storage.open(`${ANN}/screen-1.mp4`, { from, to }))?.toArray()) ?? []);
    const middle = PART_BYTES - 500;
    expect((await read(middle, middle + 999)).equals(content.subarray(middle, middle + 1_000))).toBe(true);
    expect((await storage.read(`${ANN}/screen-1.mp4`))?.equals(content)).toBe(true);
    expect(await storage.open(`${ANN}/none.mp4`)).toBeNull();
  },
);

onSwift(
  "bytes that change on their way are refused by the server, and an answer that breaks off is continued",
  async () => {
    await using bucket = await openBucket();
    await using meddler = await startMeddler(swift.endpoint);
    await using storage = await bucket.storage({ endpoint: meddler.url });
    meddler.changeBodies = true;
    await expect(storage.add("chain/000000000001.json", "a document")).rejects.toThrow(
      /cannot write s3:\/\/calls-\d+\/deskreel\/chain\/000000000001\.json: the server answered 400 .*what arrived is not what was sent/,
    );
    meddler.changeBodies = false;
    expect(await storage.read("chain/000000000001.json")).toBeNull();

    const content = "0123456789".repeat(200_000);
    await storage.add("2026/x", content);
    meddler.breakAfterBytes = 700_000;
    expect(String(await storage.read("2026/x")) === content).toBe(true);
    expect(meddler.broken).toBe(2);
    meddler.breakAfterBytes = 0;
    await expect(storage.read("2026/x")).rejects.toThrow(
      /cannot read s3:.*look at the endpoint, the network/,
    );
  },
);

onSwift("holds, deletions with tombstones and a reindex work on a bucket alone", async () => {
  await using bucket = await openBucket();
  await fill(bucket);
  const site = configured(bucket, { retention: [{ olderThanDays: 1 }] });
  expect(await reindex(site)).toBe(0);
  expect(site.lines).toEqual([
    `reindex: the catalogue in ${site.adapter.dataDir} is made anew from ${bucket.url}`,
    "reindex: 2 interactions are in the catalogue, 0 were dropped, 0 cannot be read",
  ]);
  await applyRetention(site, false);
  expect(site.lines.at(-1)).toBe("retention: 2 interactions were deleted");
  expect(await bucket.keys()).toEqual([
    "deskreel/chain/000000000004.json",
    "deskreel/chain/000000000005.json",
    // What was noted of it in the audit log, signed.
    "deskreel/chain/000000000006.json",
    "deskreel/chain/head.json",
    "deskreel/signing-key.pem",
  ]);
  expect(await verify(bucket)).toMatchObject({ code: 0 });
  expect(await reindex(site)).toBe(0);
  expect(site.lines.at(-1)).toBe(
    "reindex: 0 interactions are in the catalogue, 0 were dropped, 0 cannot be read",
  );
});

onSwift("an adapter archives a call in a bucket and replays it from there, in ranges", async () => {
  await using bucket = await openBucket();
  await using recorder = await FakeRecorder.listen();
  const screen = await makeScreen(bucket.folder, 2_000, [1_000]);
  const session = "a1c20b02-4e38-4f11-a315-000d3a5a54dc";
  recorder.offer(
    madeRecording({ id: "01ANN", callSessionId: session }, [madeSegment("000001", MADE_AT, 2_000, screen)]),
    new Map([["1/000001", screen]]),
  );
  const { endpoint, credentials } = swift;
  const credentialsFile = join(bucket.folder, "credentials.json");
  await writeFile(credentialsFile, JSON.stringify(credentials));
  await using rig = await startRig({
    folder: bucket.folder,
    recorders: [recorder.url],
    archive: { url: bucket.url, endpoint, credentialsFile },
  });
  const manifest = await rig.interaction(session, ({ screens }) => screens.length === 1);
  const [file] = manifest.files;
  const Authorization = `Bearer ${rig.adapter.tokens.viewer}`;
  const url = `${rig.adapter.url}/v1/interactions/${session}/files/${file?.name}`;
  const whole = await fetch(url, { headers: { Authorization } });
  const bytes = Buffer.from(await whole.arrayBuffer());
  expect(createHash("sha256").update(bytes).digest("hex")).toBe(file?.sha256);
  const part = await fetch(url, { headers: { Authorization, Range: "bytes=100-199" } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 100-199/${file?.bytes}`]);
  expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(100, 200))).toBe(true);
  expect(rig.adapter.archiveRoot).toBe(bucket.url);
  expect(await verify(bucket)).toMatchObject({ code: 0 });
});

onSwift("an adapter whose bucket cannot be used says what, where and what to do", async () => {
  await using bucket = await openBucket();
  const start = async (change: object) => {
    const { adapter, log } = configured(bucket, change);
    await mkdir(adapter.dataDir, { recursive: true });
    await using _adapter = await startAdapter({ adapter, dynamics: undefined, log });
  };
  await expect(start({ url: "s3://no-such-bucket/x" })).rejects.toThrow(
    "cannot list s3://no-such-bucket/x: the server answered 404 NoSuchBucket; make the bucket, or name the right one",
  );
  await expect(start({ credentials: { ...swift.credentials, secretAccessKey: "wrong" } })).rejects.toThrow(
    /the server answered 403 SignatureDoesNotMatch; the secret access key is not the one/,
  );
  await expect(start({ objectLock: { mode: "GOVERNANCE", days: 30 } })).rejects.toThrow(
    /the bucket has no Object Lock; make one that has/,
  );
  await expect(start({ encryption: "AES256" })).rejects.toThrow(
    /the server answered 501 NotImplemented; the server does not know something .* encryption/,
  );
  await expect(start({ endpoint: "http://127.0.0.1:1" })).rejects.toThrow(
    /cannot list s3:.*ECONNREFUSED.*look at the endpoint, the network between, and the server/,
  );
});

onSwift("what is read from a bucket by a copy of it in a folder is the same archive", async () => {
  await using bucket = await openBucket();
  await fill(bucket);
  await using storage = await bucket.storage();
  const faults: string[] = [];
  const report = {
    onFault: (place: string, fault: string) => void faults.push(`${place} ${fault}`),
    onUnfinished: () => {},
    onProgress: () => {},
  };
  const inBucket = await verifyArchive(storage, report);
  for await (const { place } of storage.walk()) {
    const path = join(bucket.folder, "copy", place);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, (await storage.read(place)) ?? "");
  }
  expect(await verifyArchive(new FolderStorage(join(bucket.folder, "copy")), report)).toEqual(inBucket);
  expect(faults).toEqual([]);
  expect(await readFile(join(bucket.folder, "copy/signing-key.pem"), "utf8")).toContain("PUBLIC KEY");
});
