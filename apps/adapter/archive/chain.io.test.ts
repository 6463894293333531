import { cp, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import { runsOf } from "../../../build/test/property-runs.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { archiveMade, archiveUnsigned, MADE_AT, openMadeArchive } from "./rig/made-archive.ts";
import { interactionPlace, versionPlace } from "./places.ts";
import { openSigningKey, readPublicKeys, renderDocument, sha256Of } from "./signing-key.ts";
import { FolderStorage } from "./storage/folder-storage.ts";
import { type Verified, verifyArchive } from "./verify-archive.ts";

/** What `npm run verify` says of an archive, a line per fault or remark. */
async function verify(folder: string, keyFile?: string): Promise<Verified & { lines: string[] }> {
  const lines: string[] = [];
  const keys = keyFile === undefined ? null : readPublicKeys(await readFile(keyFile, "utf8"), keyFile);
  const verified = await verifyArchive(
    new FolderStorage(join(folder, "archive")),
    {
      onFault: (place, fault) => lines.push(`${place} ${fault}`),
      onUnfinished: (place, what) => lines.push(`(${place} ${what})`),
      onProgress: () => {},
    },
    keys,
  );
  return { ...verified, lines };
}

/** Three interactions, one of them in two versions, and one from before the archive had a key: five entries. */
async function fillArchive(folder: string): Promise<void> {
  await archiveUnsigned(folder, "old");
  const archive = await openMadeArchive(folder);
  await archiveMade(archive, "ann", 1);
  await archiveMade(archive, "bob", 1);
  await archiveMade(archive, "ann", 2);
  await archiveMade(archive, "cyd", 1, { startedAt: MADE_AT + 86_400_000 });
}

const HEAD = "archive/chain/head.json";
const ann = (version: number) => `archive/2026/03/02/ann/v${version}/manifest.json`;

async function readManifest(folder: string, place: string): Promise<Manifest> {
  return manifestSchema.parse(JSON.parse(await readFile(join(folder, place), "utf8")));
}

test("what the adapter archives is signed and chained, and verifies with the published key alone", async () => {
  await using scratch = await scratchFolder();
  await fillArchive(scratch.path);
  const key = join(scratch.path, "archive/signing-key.pem");
  expect(await verify(scratch.path, key)).toMatchObject({ lines: [], versions: 5, chain: { entries: 5 } });
  const [first, second] = [
    await readManifest(scratch.path, ann(1)),
    await readManifest(scratch.path, ann(2)),
  ];
  const bob = "2026/03/02/bob/v1/manifest.json";
  expect(first.previous).toMatchObject({
    entry: { sequence: 1, place: "chain/000000000001.json" },
    version: null,
  });
  expect(second.previous).toEqual({
    entry: { sequence: 3, place: bob, sha256: sha256Of(await readFile(join(scratch.path, "archive", bob))) },
    version: { version: 1, sha256: sha256Of(await readFile(join(scratch.path, ann(1)))) },
  });
  expect((await stat(join(scratch.path, "signing-key.pem"))).mode & 0o777).toBe(0o600);
});

test("an archive goes on with its key and its chain after a restart", async () => {
  await using scratch = await scratchFolder();
  await fillArchive(scratch.path);
  await archiveMade(await openMadeArchive(scratch.path), "dan", 1);
  expect(await verify(scratch.path)).toMatchObject({ lines: [], chain: { entries: 6 } });
});

test("an archive that nothing is in yet verifies", async () => {
  await using scratch = await scratchFolder();
  await openMadeArchive(scratch.path);
  expect(await verify(scratch.path)).toMatchObject({ lines: [], chain: { entries: 0, newest: null } });
});

test("versions that are finished at the same time do not fork the chain", async () => {
  await using scratch = await scratchFolder();
  const archive = await openMadeArchive(scratch.path);
  await Promise.all(Array.from({ length: 20 }, (_, index) => archiveMade(archive, `call-${index}`, 1)));
  expect(await verify(scratch.path)).toMatchObject({ lines: [], versions: 20, chain: { entries: 20 } });
});

test("a manifest that could not be written leaves the chain as it was, and the next one goes on", async () => {
  await using scratch = await scratchFolder();
  const archive = await openMadeArchive(scratch.path);
  await archiveMade(archive, "ann", 1);
  // Its manifest's place is taken by a folder.
  const place = versionPlace(interactionPlace("bob", MADE_AT), 1);
  const broken = archive.storage.locate(place);
  await mkdir(join(broken, "manifest.json"), { recursive: true });
  const manifest = { ...(await readManifest(scratch.path, ann(1))), interactionId: "bob", files: [] };
  await expect(archive.finishVersion(place, broken, manifest)).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
  await rm(broken, { recursive: true });
  await archiveMade(archive, "bob", 1);
  expect(await verify(scratch.path)).toMatchObject({ lines: [], chain: { entries: 2 } });
});

test("a crash between a manifest and the head is no fault, and is healed at the next start", async () => {
  await using scratch = await scratchFolder();
  const archive = await openMadeArchive(scratch.path);
  await archiveMade(archive, "ann", 1);
  const before = await readFile(join(scratch.path, HEAD), "utf8");
  await archiveMade(archive, "bob", 1);
  const newest = JSON.parse(await readFile(join(scratch.path, HEAD), "utf8")).entry as unknown;
  // What the head was when it announced Bob's manifest.
  const key = await openSigningKey(join(scratch.path, "signing-key.pem"));
  const { signature: _signature, ...head } = JSON.parse(before) as { signature: unknown };
  const announced = renderDocument(key.sign({ ...head, next: newest }));
  await writeFile(join(scratch.path, HEAD), announced);
  await writeFile(join(scratch.path, `${HEAD}.0d4ba6a3-0000-4000-8000-000000000000.draft`), "half a h");
  const crashed = await verify(scratch.path);
  expect(crashed).toMatchObject({ faults: 0, chain: { entries: 2 } });
  expect(crashed.lines).toEqual([expect.stringMatching(/^\(chain\/head\.json\..*\.draft is a draft\)$/)]);

  await archiveMade(await openMadeArchive(scratch.path), "cyd", 1);
  expect(await verify(scratch.path)).toMatchObject({ lines: [], chain: { entries: 3 } });

  // The same crash a moment earlier: announced and never written.
  await writeFile(join(scratch.path, HEAD), announced);
  for (const id of ["bob", "cyd"])
    await rm(join(scratch.path, "archive/2026/03/02", id), { recursive: true });
  expect(await verify(scratch.path)).toMatchObject({ lines: [], chain: { entries: 1 } });
  await archiveMade(await openMadeArchive(scratch.path), "dan", 1);
  expect(await verify(scratch.path)).toMatchObject({ lines: [], chain: { entries: 2 } });
});

test("an archive signed by another key verifies with both, and not with one of them", async () => {
  await using scratch = await scratchFolder();
  await fillArchive(scratch.path);
  const published = join(scratch.path, "archive/signing-key.pem");
  const firstKey = join(scratch.path, "first.pem");
  await cp(published, firstKey);
  await rm(join(scratch.path, "signing-key.pem"));
  await archiveMade(await openMadeArchive(scratch.path), "dan", 1);
  expect((await verify(scratch.path, published)).lines).toEqual([]);
  expect((await verify(scratch.path, firstKey)).lines.toSorted()).toEqual([
    expect.stringMatching(
      /^2026\/03\/02\/dan\/v1\/manifest\.json is signed with key [0-9a-f]{16}, valid is /,
    ),
    expect.stringMatching(/^chain\/head\.json is signed with key [0-9a-f]{16}, valid is /),
    expect.stringMatching(/^signing-key\.pem has the key [0-9a-f]{16}, valid is [0-9a-f]{16}$/),
  ]);
});

test.each<[string, string, RegExp]>([
  ["without its head", HEAD, /head\.json is missing, and .* has 1 entries; nothing can be archived/],
  ["without its chain", "archive/chain", /is signed, but .* has no chain that it could be in/],
])("an archive %s is not gone on with", async (_title, place, message) => {
  await using scratch = await scratchFolder();
  await fillArchive(scratch.path);
  await rm(join(scratch.path, place), { recursive: true });
  await expect(openMadeArchive(scratch.path)).rejects.toThrow(message);
});

test("a key file that is none is told without its content", async () => {
  await using scratch = await scratchFolder();
  await writeFile(join(scratch.path, "signing-key.pem"), "my secret");
  await expect(openMadeArchive(scratch.path)).rejects.toThrow(/is no readable private key in PEM$/);
});

test.each<[string, (folder: string) => Promise<unknown>, (string | RegExp)[]]>([
  [
    "the newest interaction taken out",
    (folder) => rm(join(folder, "archive/2026/03/03"), { recursive: true }),
    [
      /^2026\/03\/03\/cyd\/v1\/manifest\.json is missing: entry 5 of the chain, chain\/head\.json names it with sha256/,
    ],
  ],
  [
    "an interaction in the middle taken out",
    (folder) => rm(join(folder, "archive/2026/03/02/bob"), { recursive: true }),
    [
      /^2026\/03\/02\/bob\/v1\/manifest\.json is missing: entry 3 of the chain, 2026\/03\/02\/ann\/v2\/manifest\.json names it/,
    ],
  ],
  [
    "an adopted interaction taken out",
    (folder) => rm(join(folder, "archive/2026/03/02/old"), { recursive: true }),
    [/^2026\/03\/02\/old\/v1\/manifest\.json is missing, the chain adopted it with [0-9a-f]{64}$/],
  ],
  [
    "an adopted manifest written otherwise",
    async (folder) => {
      const path = join(folder, "archive/2026/03/02/old/v1/manifest.json");
      await writeFile(path, (await readFile(path, "utf8")).replace("recorded", "partial"));
    },
    [/^2026\/03\/02\/old\/v1\/manifest\.json has sha256 [0-9a-f]{64}, the chain adopted [0-9a-f]{64}$/],
  ],
  [
    "a changed manifest",
    async (folder) => {
      const path = join(folder, ann(1));
      await writeFile(path, (await readFile(path, "utf8")).replace('"recorded"', '"partial"'));
    },
    [/^2026\/03\/02\/ann\/v1\/manifest\.json does not have the content that key [0-9a-f]{16} signed$/],
  ],
  [
    "a manifest whose members stand in another order",
    async (folder) => {
      const { signature, ...rest } = await readManifest(folder, ann(1));
      await writeFile(join(folder, ann(1)), renderDocument({ signature, ...rest }));
    },
    [
      /^2026\/03\/02\/ann\/v1\/manifest\.json has sha256 [0-9a-f]{64}, 2026\/03\/02\/bob\/v1\/manifest\.json says /,
    ],
  ],
  [
    "a manifest without its signature",
    async (folder) => {
      const { signature: _signature, previous: _previous, ...rest } = await readManifest(folder, ann(2));
      await writeFile(join(folder, ann(2)), renderDocument(rest));
    },
    [
      /^2026\/03\/02\/ann\/v2\/manifest\.json has sha256 [0-9a-f]{64}, 2026\/03\/03\/cyd\/v1\/manifest\.json says /,
    ],
  ],
  [
    "an interaction that nobody signed",
    (folder) => archiveUnsigned(folder, "new"),
    ["2026/03/02/new/v1/manifest.json is not signed, everything in this archive is"],
  ],
  [
    "an interaction put in a second time",
    (folder) =>
      cp(join(folder, "archive/2026/03/02/bob"), join(folder, "archive/2026/03/04/bob"), { recursive: true }),
    ["2026/03/04/bob/v1/manifest.json is not in the chain, which has another entry 3"],
  ],
  [
    "an interaction moved to another day",
    async (folder) => {
      await mkdir(join(folder, "archive/2026/03/04"));
      await rename(join(folder, "archive/2026/03/02/bob"), join(folder, "archive/2026/03/04/bob"));
    },
    [
      /^2026\/03\/02\/bob\/v1\/manifest\.json is missing: entry 3/,
      /^2026\/03\/04\/bob\/v1\/manifest\.json is not in the chain/,
    ],
  ],
  ["no head", (folder) => rm(join(folder, HEAD)), ["chain/head.json is missing, the archive is signed"]],
  [
    "no published key",
    (folder) => rm(join(folder, "archive/signing-key.pem")),
    ["signing-key.pem is missing, the archive is signed"],
  ],
])("%s is found", async (_title, damage, expected) => {
  await using scratch = await scratchFolder();
  await fillArchive(scratch.path);
  await damage(scratch.path);
  const { lines } = await verify(scratch.path);
  expect(lines).toEqual(
    expected.map((line) => (typeof line === "string" ? line : (expect.stringMatching(line) as string))),
  );
});

test("any byte or file that is changed, taken out or put in anywhere is found", async () => {
  await using scratch = await scratchFolder();
  await fillArchive(scratch.path);
  const entries = await readdir(join(scratch.path, "archive"), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const damage = fc.record({
    kind: fc.constantFrom("flip", "remove byte", "insert byte", "remove file", "add file"),
    path: fc.constantFrom(...files.toSorted()),
    at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
    bits: fc.integer({ min: 1, max: 255 }),
  });
  await fc.assert(
    fc.asyncProperty(damage, async ({ kind, path, at, bits }) => {
      const bytes = await readFile(path);
      const added = join(dirname(path), "added");
      const index = Math.floor(at * bytes.length);
      const [before, after] = [bytes.subarray(0, index), bytes.subarray(index + 1)];
      const flipped = Buffer.of(bytes.readUInt8(index) ^ bits);
      if (kind === "flip") await writeFile(path, Buffer.concat([before, flipped, after]));
      if (kind === "remove byte") await writeFile(path, Buffer.concat([before, after]));
      if (kind === "insert byte")
        await writeFile(path, Buffer.concat([before, flipped, bytes.subarray(index)]));
      if (kind === "remove file") await rm(path);
      if (kind === "add file") await writeFile(added, "");
      const { faults, lines } = await verify(scratch.path);
      await writeFile(path, bytes);
      await rm(added, { force: true });
      expect({ isFound: faults > 0, lines }).toMatchObject({ isFound: true });
    }),
    { numRuns: runsOf(150) },
  );
  expect((await verify(scratch.path)).lines).toEqual([]);
});
