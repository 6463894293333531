import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { expect, test } from "vitest";
import { openUnacceptingHost } from "#shared/http/testing/unaccepting-host.ts";
import { silentLog } from "#shared/runtime/log.ts";
import type { FaultSettingsInput } from "../../../../e2e/dynamics/faults/fault-settings.ts";
import { type Environment, openEnvironment } from "../testing/environment.ts";
import { downloadFile, type DownloadOptions } from "./download-file.ts";

const START = Date.UTC(2026, 2, 2, 10);
const SIZE = 9_000_001;
const BYTES = randomBytes(SIZE);

/** An environment with one recording of nine megabytes, which takes three blocks. */
async function openWithSound(options: Parameters<typeof openEnvironment>[0] = {}) {
  const environment = await openEnvironment(options);
  const { tables } = environment.simulator;
  const conversation = tables.addConversation({ startedAt: START, closedAt: START });
  const sourceId = tables.addRecording(conversation, { format: "mp3", bytes: BYTES });
  return { ...environment, sourceId };
}

type WithSound = Awaited<ReturnType<typeof openWithSound>>;

function fetchSound(
  { client, simulator, folder, sourceId }: WithSound,
  {
    column = "msdyn_recording" as const,
    ...rest
  }: Partial<DownloadOptions> & { column?: "msdyn_recording" } = {},
) {
  const fileId = String(simulator.tables.row("msdyn_ocrecordings", sourceId)?.[column]);
  const { signal } = new AbortController();
  const options = { client, log: silentLog(), signal, ...rest };
  return downloadFile({ sourceId, column, fileId }, join(folder, "sound"), options);
}

const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const WHOLE = { bytes: SIZE, sha256: hashOf(BYTES) };

/** How the file was asked for: what of it, and what came of it. */
const ranges = (environment: Environment, text: string) =>
  environment.asked(text).map(({ range, status }) => [range, status]);

/** Where each request for the blob went on; how much of a torn answer has arrived depends on the machine. */
function progress(environment: Environment): string[] {
  const starts = environment.asked("/blob").map(({ range }) => Number(/\d+/.exec(range ?? "")?.[0] ?? 0));
  return starts.map((start, index) => {
    const before = starts[index - 1] ?? 0;
    return start === 0 ? "whole" : start > before ? "farther" : start === before ? "same" : "back";
  });
}

test("a file is fetched by its link, without the token, to the byte", async () => {
  await using environment = await openWithSound();
  expect(await fetchSound(environment)).toEqual(WHOLE);
  expect((await readFile(join(environment.folder, "sound"))).equals(BYTES)).toBe(true);
  expect(environment.asked("/blob").map(({ authorized }) => authorized)).toEqual([false]);
});

test.each<[string, FaultSettingsInput, string[]]>([
  [
    "that breaks off twice goes on where it ended",
    { blob: [{ fault: "torn", afterBytes: 3_000_000, next: 2 }] },
    ["whole", "farther", "farther"],
  ],
  [
    "that stands still is given up, and goes on where it ended",
    { blob: [{ fault: "stalled", afterBytes: 5_000_000, next: 1 }] },
    ["whole", "farther"],
  ],
  [
    "whose link has expired when it is to go on gets a new one and goes on",
    {
      blob: [
        { fault: "torn", afterBytes: 3_000_000, next: 1 },
        { fault: "expired", next: 1 },
      ],
    },
    ["whole", "farther", "same"],
  ],
  [
    "whose storage is busy is asked for again",
    { blob: [{ fault: "unavailable", next: 2 }] },
    ["whole", "whole", "whole"],
  ],
  [
    "whose storage hangs up is asked for again",
    { blob: [{ fault: "unreachable", next: 1 }] },
    ["whole", "whole"],
  ],
])("a download %s", async (_title, faults, expected) => {
  await using environment = await openWithSound({ faults });
  expect(await fetchSound(environment, { idleMs: 1_000 })).toEqual(WHOLE);
  expect(progress(environment)).toEqual(expected);
  expect(environment.asked("GetFileSasUrl")).toHaveLength(expected.length);
  expect(environment.asked("$value")).toEqual([]);
});

test("a download that was ended goes on with another client, from the byte that is on the disk", async () => {
  await using environment = await openWithSound({
    faults: { blob: [{ fault: "stalled", afterBytes: 4_000_000, next: 1 }] },
  });
  const end = new AbortController();
  const attempt = fetchSound(environment, { signal: end.signal });
  await expect
    .poll(async () => (await readFile(join(environment.folder, "sound")).catch(() => "")).length)
    .toBe(4_000_000);
  end.abort();
  await expect(attempt).rejects.toMatchObject({ code: "NO_ANSWER" });
  // What the machine had not flushed when it lost its power is not trusted.
  await writeFile(join(environment.folder, "sound"), "never flushed", { flag: "a" });
  expect(await fetchSound(environment)).toEqual(WHOLE);
  expect(ranges(environment, "/blob").at(-1)).toEqual(["bytes=4000000-", 206]);
});

test("what is left of a file that is gone from the disk, or is of another file, is fetched anew", async () => {
  await using environment = await openWithSound({
    faults: {
      blob: [
        { fault: "stalled", afterBytes: 4_000_000, next: 1 },
        { fault: "forbidden", next: 1 },
      ],
      webApi: [
        { fault: "forbidden", path: "$value" },
        { fault: "forbidden", path: "FileBlocks" },
      ],
    },
  });
  await expect(fetchSound(environment, { idleMs: 1_000 })).rejects.toMatchObject({ status: 401 });
  await truncate(join(environment.folder, "sound"), 17);
  environment.simulator.faults.set({
    blob: [{ fault: "stalled", afterBytes: 4_000_000, next: 1 }],
    webApi: [],
  });
  expect(await fetchSound(environment, { idleMs: 1_000 })).toEqual(WHOLE);
  expect(ranges(environment, "/blob").slice(-2)).toEqual([
    [null, 200],
    ["bytes=4000000-", 206],
  ]);
  const other = randomBytes(5_000);
  environment.simulator.tables.attachRecording(environment.sourceId, { format: "wav", bytes: other });
  expect(await fetchSound(environment)).toEqual({ bytes: 5_000, sha256: hashOf(other) });
});

test("a file that is replaced while it is fetched comes whole from the new one, not in halves of two", async () => {
  await using environment = await openWithSound({
    faults: { blob: [{ fault: "torn", afterBytes: 4_000_000, next: 1 }] },
  });
  const other = randomBytes(SIZE);
  const { simulator, sourceId } = environment;
  const attempt = fetchSound(environment);
  await expect.poll(() => environment.asked("/blob").length).toBe(1);
  simulator.tables.attachRecording(sourceId, { format: "wav", bytes: other });
  expect(await attempt).toEqual({ bytes: SIZE, sha256: hashOf(other) });
  expect(ranges(environment, "/blob").map(([, status]) => status)).toEqual([200, 412, 200]);
});

test("bytes that are not those of the file, by its MD5, are thrown away and fetched another way", async () => {
  await using environment = await openWithSound({
    faults: { blob: [{ fault: "corrupt", afterBytes: 100 }] },
  });
  expect(await fetchSound(environment)).toEqual(WHOLE);
  expect(environment.asked("$value").length).toBeGreaterThan(0);
});

const CHUNKS = ["bytes=0-4194303", "bytes=4194304-8388607", "bytes=8388608-12582911"];

test.each<[string, FaultSettingsInput]>([
  ["does not give links", { links: false }],
  ["gives links that nobody here may use", { blob: [{ fault: "forbidden" }] }],
  ["gives links to where nobody answers", { blob: [{ fault: "unreachable" }] }],
])("an environment that %s is read by $value, in ranges", async (_title, faults) => {
  await using environment = await openWithSound({ faults });
  expect(await fetchSound(environment)).toEqual(WHOLE);
  expect(ranges(environment, "$value")).toEqual(CHUNKS.map((range) => [range, 206]));
});

test("a storage that takes no connection is given up by a limit of its own, and told", async () => {
  await using dead = await openUnacceptingHost();
  await using environment = await openWithSound({ blobUrl: `http://${dead.host}` });
  const warnings: Record<string, unknown>[] = [];
  const log = pino({ level: "warn" }, { write: (line: string) => void warnings.push(JSON.parse(line)) });
  expect(await fetchSound(environment, { log, connectMs: 300, idleMs: 600_000 })).toEqual(WHOLE);
  expect(environment.asked("GetFileSasUrl")).toHaveLength(3);
  expect(ranges(environment, "$value")).toEqual(CHUNKS.map((range) => [range, 206]));
  expect(warnings).toEqual([
    expect.objectContaining({ way: "GetFileSasUrl", reason: expect.stringContaining("after 300 ms") }),
  ]);
  const { reason } = warnings[0] ?? {};
  expect(reason).toMatch(
    new RegExp(`^no connection to ${dead.host} for http\\S+/blob\\S+; see that .* firewall `),
  );
  expect(reason).not.toContain("sig=");
});

test("$value goes on where it broke off, be it in the middle of a range, and where a link had brought it", async () => {
  await using environment = await openWithSound({
    faults: {
      blob: [{ fault: "stalled", afterBytes: 1_000, next: 1 }, { fault: "forbidden" }],
      webApi: [{ fault: "torn", path: "$value", next: 1 }],
    },
  });
  expect(await fetchSound(environment, { idleMs: 1_000 })).toEqual(WHOLE);
  const [first, second] = ranges(environment, "$value").map(([range]) => String(range));
  expect(first).toBe("bytes=1000-4195303");
  expect(second).toMatch(/^bytes=\d{4,}-\d+$/);
});

test("where neither links nor $value are given the file comes in blocks", async () => {
  await using environment = await openWithSound({
    faults: { links: false, webApi: [{ fault: "forbidden", path: "$value" }] },
  });
  expect(await fetchSound(environment)).toEqual(WHOLE);
  expect(environment.asked("DownloadBlock")).toHaveLength(3);
});

test("a file that no way gives is told with what each of them said, and what came is kept", async () => {
  await using environment = await openWithSound({
    faults: {
      blob: [{ fault: "stalled", afterBytes: 3_000_000, next: 1 }, { fault: "forbidden" }],
      webApi: [
        { fault: "forbidden", path: "$value" },
        { fault: "forbidden", path: "InitializeFileBlocksDownload" },
      ],
    },
  });
  const error = await fetchSound(environment, { idleMs: 1_000 }).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ status: 401 });
  expect(String(error)).toMatch(
    /3000000 bytes are here.*GetFileSasUrl: .*401.*\$value: .*403.*DownloadBlock: .*403/,
  );
  environment.simulator.faults.clear();
  expect(await fetchSound(environment)).toEqual(WHOLE);
  expect(ranges(environment, "/blob").at(-1)).toEqual(["bytes=3000000-", 206]);
});

test("a pause that Dynamics asks for is no reason to try another way", async () => {
  await using environment = await openWithSound({
    faults: { webApi: [{ fault: "too-many-requests", retryAfterS: 30 }] },
  });
  await expect(fetchSound(environment)).rejects.toMatchObject({ status: 429, retryAfterMs: 30_000 });
  expect([environment.asked("$value"), environment.asked("/blob")]).toEqual([[], []]);
});

test("a row without the file, and one that is gone, have none", async () => {
  await using environment = await openWithSound();
  const { client, folder, simulator } = environment;
  const conversation = simulator.tables.addConversation({ startedAt: START, closedAt: START });
  const options = { client, log: silentLog(), signal: new AbortController().signal };
  for (const sourceId of [
    simulator.tables.addRecordingRow(conversation),
    "5b1f0a52-1111-4011-8c4e-000d3a5a54dc",
  ]) {
    const file = { sourceId, column: "msdyn_recording", fileId: "gone" } as const;
    expect(await downloadFile(file, join(folder, "none"), options)).toBeNull();
  }
});

test.each([0, 1, 4_194_304])("a file of %i bytes comes by each way", async (size) => {
  const bytes = randomBytes(size);
  for (const faults of [
    {},
    { links: false },
    { links: false, webApi: [{ fault: "forbidden", path: "$value" }] },
  ] satisfies FaultSettingsInput[]) {
    await using environment = await openWithSound({ faults });
    environment.simulator.tables.attachRecording(environment.sourceId, { format: "wav", bytes });
    expect(await fetchSound(environment)).toEqual({ bytes: size, sha256: hashOf(bytes) });
    expect((await readdir(environment.folder)).sort()).toEqual(["secret", "sound", "sound.state"]);
  }
});
