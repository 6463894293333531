import { access, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { applyRetention, reindex } from "../commands.ts";
import { deleteDue } from "../jobs/retention-loop.ts";
import { scratchFolder } from "../rig/run-site.ts";
import { lockData } from "../store/data-lock.ts";
import { openDatabase } from "../store/database.ts";
import { createStores } from "../store/stores.ts";
import { InteractionCatalogue } from "./catalogue.ts";
import { Custody } from "./custody.ts";
import { archiveMade, archiveUnsigned, MADE_AT, openMadeArchive } from "./rig/made-archive.ts";
import { sha256Of } from "./signing-key.ts";
import { FolderStorage } from "./storage/folder-storage.ts";
import { verifyArchive } from "./verify-archive.ts";

const DAY_MS = 86_400_000;
const CONSENT = { attributes: { consent: "no" } };

/** An archive with its database, as commands and the adapter open them. */
async function openSite(folder: string) {
  await mkdir(join(folder, "data"), { recursive: true });
  const archive = await openMadeArchive(folder);
  const database = openDatabase(join(folder, "data/adapter.db"));
  const stores = createStores(database);
  const catalogue = new InteractionCatalogue(database);
  const dataDir = join(folder, "data");
  const log = silentLog();
  const custody = new Custody({ archive, catalogue, stores, dataDir, clock: new WallClock(), log });
  return {
    ...{ archive, stores, catalogue, custody, log, clock: new WallClock() },
    ids: () => catalogue.listIds().toSorted(),
    [Symbol.dispose]: () => database[Symbol.dispose](),
  };
}

/** The configuration of such a site, with the lines that its commands say. */
function configured(folder: string, retention: object[] = []) {
  const archive = {
    url: `file:${join(folder, "archive")}`,
    signingKeyFile: join(folder, "signing-key.pem"),
    retention,
  };
  const { adapter } = configSchema(folder).parse({ adapter: { dataDir: join(folder, "data"), archive } });
  const lines: string[] = [];
  return { adapter, log: silentLog(), say: (line: string) => void lines.push(line), lines };
}

/** Ann in two versions, Bob, Cyd a day later without consent, and one from before there was a key. */
async function fill(folder: string): Promise<void> {
  await archiveUnsigned(folder, "old");
  using site = await openSite(folder);
  await archiveMade(site.archive, "ann", 1);
  await archiveMade(site.archive, "bob", 1);
  await archiveMade(site.archive, "ann", 2);
  await archiveMade(site.archive, "cyd", 1, { startedAt: MADE_AT + DAY_MS, change: CONSENT });
  await reindexSite(folder);
}

async function reindexSite(folder: string): Promise<string[]> {
  const options = configured(folder);
  await reindex(options);
  return options.lines;
}

async function faultsOf(folder: string): Promise<string[]> {
  const lines: string[] = [];
  const report = {
    onFault: (place: string, fault: string) => void lines.push(`${place} ${fault}`),
    onUnfinished: (place: string, what: string) => void lines.push(`(${place} ${what})`),
    onProgress: () => {},
  };
  await verifyArchive(new FolderStorage(join(folder, "archive")), report);
  return lines;
}

const act = (interactionId: string) => ({ interactionId, by: "admin", reason: "court order" });

test("a database that was lost is made anew from the archive: newest versions, holds, deletions, audit", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  {
    using site = await openSite(scratch.path);
    await site.custody.hold(act("ann"));
    expect(await site.custody.delete(act("bob"))).toBe(true);
  }
  await rm(join(scratch.path, "data"), { recursive: true });
  const lines = await reindexSite(scratch.path);
  expect(lines.at(-1)).toBe("reindex: 3 interactions are in the catalogue, 0 were dropped, 0 cannot be read");
  using site = await openSite(scratch.path);
  expect(site.ids()).toEqual(["ann", "cyd", "old"]);
  expect(site.catalogue.get("ann")).toMatchObject({
    manifest: { version: 2 },
    place: "2026/03/02/ann/v2",
  });
  expect(site.stores.jobs.get("ann")).toMatchObject({ version: 2, folder: "2026/03/02/ann" });
  expect([site.stores.custody.isHeld("ann"), site.stores.custody.isDeleted("bob")]).toEqual([true, true]);
  expect(site.custody.mayArchive("bob")).toBe(false);
  expect(site.stores.audit.list(10, null).rows).toMatchObject([
    { sequence: 7, who: "admin", action: "deleted", interactionId: "bob", detail: "court order" },
    { sequence: 6, who: "admin", action: "held", interactionId: "ann", detail: "court order" },
  ]);
});

test("reindexing again changes nothing, and drops what the archive does not have", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  {
    using site = await openSite(scratch.path);
    const found = site.catalogue.get("ann");
    if (found === null) throw new Error("ann is in the catalogue");
    site.catalogue.put({ ...found.manifest, interactionId: "gone" }, found.place);
    site.catalogue.put({ ...found.manifest, version: 9 }, found.place);
  }
  expect((await reindexSite(scratch.path)).at(-1)).toMatch(
    /^reindex: 4 interactions .*, 1 were dropped, 0 cannot/,
  );
  expect((await reindexSite(scratch.path)).at(-1)).toMatch(
    /^reindex: 4 interactions .*, 0 were dropped, 0 cannot/,
  );
  using site = await openSite(scratch.path);
  expect(site.ids()).toEqual(["ann", "bob", "cyd", "old"]);
  expect(site.catalogue.get("ann")?.manifest.version).toBe(2);
});

test("a manifest that cannot be read is told, and the version before it is shown", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  await writeFile(join(scratch.path, "archive/2026/03/02/ann/v2/manifest.json"), "{");
  const lines = await reindexSite(scratch.path);
  expect(lines[1]).toMatch(/^reindex: 2026\/03\/02\/ann\/v2\/manifest\.json cannot be read: /);
  using site = await openSite(scratch.path);
  expect(site.catalogue.get("ann")?.manifest.version).toBe(1);
});

test("neither reindex nor retention runs beside an adapter, a dry run does", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  using _adapter = lockData(join(scratch.path, "data"));
  await expect(reindexSite(scratch.path)).rejects.toThrow(/works on .*data; stop it first$/);
  const options = configured(scratch.path, [{ olderThanDays: 1 }]);
  await expect(applyRetention(options, false)).rejects.toThrow(/stop it first$/);
  await applyRetention(options, true);
  expect(options.lines.at(-1)).toBe("retention: 4 interactions would be deleted by 1 rule(s)");
});

test("retention deletes by the first rule that fits, never what is held, and leaves tombstones that verify follows", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  {
    using site = await openSite(scratch.path);
    await site.custody.hold(act("bob"));
    await site.custody.hold(act("old"));
    await site.custody.release(act("old"));
  }
  const rules = [{ olderThanDays: null, ...CONSENT }, { olderThanDays: 1 }];
  const dry = configured(scratch.path, rules);
  await applyRetention(dry, true);
  expect(dry.lines).toEqual([
    "retention: would delete ann of 2026-03-02T10:00:00.000Z (every interaction: 1 days)",
    "retention: would delete old of 2026-03-02T10:00:00.000Z (every interaction: 1 days)",
    "retention: 2 interactions would be deleted by 2 rule(s)",
  ]);
  const options = configured(scratch.path, rules);
  await applyRetention(options, false);
  expect(options.lines).toEqual(["retention: 2 interactions were deleted"]);
  expect(await readdir(join(scratch.path, "archive/2026/03/02"))).toEqual(["bob"]);
  expect(await faultsOf(scratch.path)).toEqual([]);
  using site = await openSite(scratch.path);
  expect(site.ids()).toEqual(["bob", "cyd"]);
  // What is deleted with a tombstone can be told from what somebody took away.
  await rm(join(scratch.path, "archive/2026/03/02/bob"), { recursive: true });
  expect(await faultsOf(scratch.path)).toEqual([
    expect.stringMatching(/^2026\/03\/02\/bob\/v1\/manifest\.json is missing: entry 3 of the chain/),
  ]);
});

test("a tombstone covers its own interaction only: what is changed or put back beside it is found", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  const manifest = join(scratch.path, "archive/2026/03/02/bob/v1/manifest.json");
  const before = await readFile(manifest);
  {
    using site = await openSite(scratch.path);
    await site.custody.delete(act("bob"));
  }
  // Ann's first version is the entry before Bob's: its hash is still named, by the tombstone.
  const ann = join(scratch.path, "archive/2026/03/02/ann");
  const text = await readFile(join(ann, "v1/manifest.json"), "utf8");
  const { signature, ...rest } = JSON.parse(text) as { signature: unknown };
  await rm(join(ann, "v2"), { recursive: true });
  await writeFile(join(ann, "v1/manifest.json"), `${JSON.stringify({ signature, ...rest }, null, 2)}\n`);
  await mkdir(join(manifest, ".."), { recursive: true });
  await writeFile(manifest, before);
  expect((await faultsOf(scratch.path)).toSorted()).toEqual([
    expect.stringMatching(
      /^2026\/03\/02\/ann\/v1\/manifest\.json has sha256 .*, 2026\/03\/02\/bob\/v1\/manifest\.json says /,
    ),
    expect.stringMatching(/^2026\/03\/02\/ann\/v2\/manifest\.json is missing: entry 4 of the chain/),
    "2026/03/02/bob/v1/audio.m4a is missing, the manifest lists it",
    "2026/03/02/bob/v1/manifest.json is there, and a tombstone of the chain says that it was deleted",
  ]);
});

test("a deletion that a crash cut short is finished at the next start, and takes the raw material along", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  const source = join(scratch.path, "data/sources/audio/a.mp3");
  await mkdir(join(source, ".."), { recursive: true });
  await writeFile(source, "sound");
  const folder = join(scratch.path, "archive/2026/03/02/bob");
  {
    using site = await openSite(scratch.path);
    const { audio } = site.stores;
    audio.noteListed({ sourceId: "a", interactionId: "bob", version: "1", createdOn: MADE_AT }, MADE_AT);
    const file = {
      path: "sources/audio/a.mp3",
      bytes: 5,
      sha256: "",
      format: "mp3" as const,
      durationMs: 1,
      stated: null,
    };
    audio.markFetched("a", "1", file, MADE_AT);
    // The tombstone is written, nothing else has happened.
    const text = await readFile(join(folder, "v1/manifest.json"), "utf8");
    const { previous } = JSON.parse(text) as { previous: { entry: never } };
    const place = "2026/03/02/bob/v1/manifest.json";
    const manifests = [{ place, sha256: sha256Of(text), sequence: 3, follows: previous.entry }];
    await site.archive.note({ kind: "deleted", ...act("bob"), manifests }, MADE_AT);
  }
  using site = await openSite(scratch.path);
  await site.custody.follow();
  await expect(access(folder)).rejects.toThrow(/ENOENT/);
  await expect(access(source)).rejects.toThrow(/ENOENT/);
  expect(site.ids()).toEqual(["ann", "cyd", "old"]);
  expect(await faultsOf(scratch.path)).toEqual([]);
});

test("a hold that comes while retention runs wins over it", async () => {
  await using scratch = await scratchFolder();
  await fill(scratch.path);
  using site = await openSite(scratch.path);
  const held = site.custody.hold(act("ann"));
  const deleted = await deleteDue({ ...site, rules: [{ olderThanDays: 1 }] });
  await held;
  expect({ deleted, left: site.ids() }).toEqual({ deleted: 3, left: ["ann"] });
  await expect(site.custody.hold(act("bob"))).rejects.toThrow(/"bob" is unknown/);
});
