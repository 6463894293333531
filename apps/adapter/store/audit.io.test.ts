import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { startAdapter } from "../adapter.ts";
import { InteractionCatalogue } from "../archive/catalogue.ts";
import { Custody } from "../archive/custody.ts";
import { archiveMade, openMadeArchive } from "../archive/rig/made-archive.ts";
import { noteConfiguration } from "../jobs/note-configuration.ts";
import { runAuditAnchors } from "../jobs/audit-anchors.ts";
import { scratchFolder } from "../rig/run-site.ts";
import type { AuditNote } from "./audit-entry.ts";
import { AuditInspection } from "./audit-inspection.ts";
import { AuditStore } from "./audit-store.ts";
import { openDatabase } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { createStores } from "./stores.ts";

const VERIFY = join(import.meta.dirname, "../verify.ts");
const CLOCK = new WallClock();

function viewed(detail: string): AuditNote {
  return { at: 1_000, who: "viewer", action: "viewed", interactionId: "ann", detail, sequence: null };
}

/** An archive with a held interaction, some views, and both signed as the adapter does when it ends. */
async function makeSite(folder: string): Promise<void> {
  await mkdir(join(folder, "data"));
  const archive = await openMadeArchive(folder);
  await archiveMade(archive, "ann", 1);
  using database = openDatabase(join(folder, "data/adapter.db"));
  const stores = createStores(database);
  const catalogue = new InteractionCatalogue(database);
  const manifest = await archive.readManifest("2026/03/02/ann/v1");
  if (manifest === null) throw new Error("ann is archived");
  catalogue.put(manifest, "2026/03/02/ann/v1");
  const dataDir = join(folder, "data");
  const custody = new Custody({ archive, catalogue, stores, dataDir, clock: CLOCK, log: silentLog() });
  for (const detail of ["one", "two", "three"]) stores.audit.note(viewed(detail));
  await custody.hold({ interactionId: "ann", by: "admin", reason: "case 4711" });
  await runAuditAnchors({ custody, log: silentLog() }, AbortSignal.abort());
  // Nothing has been noted since: nothing is signed.
  await runAuditAnchors({ custody, log: silentLog() }, AbortSignal.abort());
  expect(stores.audit.listAnchors()).toMatchObject([{ entries: 4, sequence: 3 }]);
}

/** As somebody who has the file does it, whom no trigger stops. */
function tamper(folder: string, statements: string): void {
  const database = new Database(join(folder, "data/adapter.db"));
  const triggers = ["audit_log_grows", "audit_log_stays", "audit_log_is_fixed"];
  database.exec(triggers.map((name) => `DROP TRIGGER ${name};`).join("\n"));
  database.exec(statements);
  database.close();
}

function verify(folder: string): Promise<{ code: number; output: string }> {
  const database = join(folder, "data/adapter.db");
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [VERIFY, join(folder, "archive"), "--audit", database],
      (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === "number" ? error.code : 0, output: stdout + stderr });
      },
    );
  });
}

test("the database refuses to change an entry, to take one out, or to put one in between", () => {
  using database = openDatabase(":memory:");
  const audit = new AuditStore(database);
  for (const detail of ["one", "two"]) audit.note(viewed(detail));
  const before = audit.read(0, 9);
  const copyAs = (number: string) =>
    `INSERT OR REPLACE INTO audit_log SELECT ${number}, at, who, action, interaction_id, detail, sequence, previous, sha256
     FROM audit_log WHERE number = 2`;
  for (const statement of [
    "UPDATE audit_log SET who = 'nobody'",
    "UPDATE audit_log SET number = 7 WHERE number = 2",
  ])
    expect(() => database.exec(statement)).toThrow("the audit log is fixed");
  expect(() => database.exec("DELETE FROM audit_log WHERE number = 2")).toThrow("the audit log is kept");
  for (const number of ["1", "2", "3", "7"])
    expect(() => database.exec(copyAs(number))).toThrow("the audit log grows at its end only");
  expect(audit.read(0, 9)).toEqual(before);
  audit.note(viewed("three"));
  expect(audit.read(2, 9)).toMatchObject([{ number: 3, previous: before[1]?.sha256 }]);
});

test("verify holds the log against its hashes and the archive's chain, and says that it is whole", async () => {
  await using scratch = await scratchFolder();
  await makeSite(scratch.path);
  const { code, output } = await verify(scratch.path);
  expect(output).toMatch(/\naudit log of 4 entries, the newest has sha256 [0-9a-f]{64}: 0 faults\n$/);
  expect(code).toBe(0);
});

const INSERT = `INSERT INTO audit_log SELECT 3, at, 'nobody', action, interaction_id, detail, sequence, previous, sha256
  FROM audit_log WHERE number = 2`;

test.each([
  ["changed", "UPDATE audit_log SET who = 'nobody' WHERE number = 2", 2, "was changed"],
  ["missing", "DELETE FROM audit_log WHERE number = 2", 2, "is missing"],
  ["inserted", `UPDATE audit_log SET number = number + 10 WHERE number > 2; ${INSERT}`, 3, "was changed"],
  [
    "cut off with all after it",
    "DELETE FROM audit_log WHERE number > 2",
    3,
    "is missing, its end was cut off",
  ],
])(
  "an entry that is %s is found by verify and told by GET /v1/audit's verdict",
  async (_title, sql, number, fault) => {
    await using scratch = await scratchFolder();
    await makeSite(scratch.path);
    tamper(scratch.path, sql);
    const { code, output } = await verify(scratch.path);
    expect(output).toContain(`fault: audit log, entry ${number} ${fault}`);
    expect(code).toBe(1);
    using database = openDatabase(join(scratch.path, "data/adapter.db"));
    const verdict = await new AuditInspection(new AuditStore(database), CLOCK).verdict();
    expect(verdict.faults[0]).toMatchObject({ number, fault: expect.stringContaining(fault) as string });
  },
);

test("a file that is no adapter's database cannot be verified", async () => {
  await using scratch = await scratchFolder();
  await openMadeArchive(scratch.path);
  expect(await verify(scratch.path)).toMatchObject({
    code: 2,
    output: expect.stringContaining("adapter.db is no database of an adapter") as string,
  });
});

test("a changed configuration is an entry that names its keys and never a value", () => {
  using database = openDatabase(":memory:");
  const stores = createStores(database);
  const configured = (archive: object, dynamics?: object) => {
    const { adapter } = configSchema("/srv").parse({ adapter: { archive } });
    noteConfiguration(stores, { adapter, dynamics: dynamics as undefined }, 5_000);
    return stores.audit.list(1, null).rows[0]?.detail.replace(/^sha256 [0-9a-f]{64}; /, "");
  };
  const s3 = (secretAccessKey: string) => ({
    url: "s3://calls/all",
    credentials: { accessKeyId: "AKIA1", secretAccessKey },
  });
  expect(configured({})).toBe("the first that is noted");
  configured({});
  expect(stores.audit.newest()?.number).toBe(1);
  const toBucket = configured(s3("hunter2-of-the-site"));
  expect(toBucket).toContain("changed adapter.archive.url; added adapter.archive.credentials.accessKeyId, ");
  const hashOf = () => /^sha256 ([0-9a-f]{64})/.exec(stores.audit.newest()?.detail ?? "")?.[1];
  const hash = hashOf();
  expect(configured(s3("hunter3-of-the-site"))).toBe("changed adapter.archive.credentials.secretAccessKey");
  // A secret is not in the hash either, or it could be tried out.
  expect(hashOf()).toBe(hash);
  configured(s3("hunter3-of-the-site"), { url: "https://contoso.crm4.dynamics.com" });
  expect(stores.audit.list(9, null).rows.map(({ action, who }) => `${who} ${action}`)).toEqual(
    Array.from({ length: 4 }, () => "adapter configured"),
  );
  const everything = JSON.stringify([
    stores.audit.read(0, 99),
    database.prepare("SELECT * FROM configuration").all(),
  ]);
  expect(everything).not.toMatch(/hunter|AKIA1|contoso/);
});

test("an adapter notes with what it was configured, and has the log signed when it starts and when it ends", async () => {
  await using scratch = await scratchFolder();
  const pageFolder = join(scratch.path, "page");
  await mkdir(pageFolder);
  for (const name of ["index.html", "main.js", "main.css", "icon.svg", "viewer.html"])
    await writeFile(join(pageFolder, name), "");
  const run = async (retention: object[]) => {
    const config = configSchema(scratch.path).parse({
      adapter: {
        ...{ http: { port: 0 }, ops: { port: 0 }, dataDir: "data", tokensFile: "tokens.json" },
        archive: { url: "file:archive", signingKeyFile: "key.pem", retention },
      },
    });
    await using adapter = await startAdapter({
      ...config,
      dynamics: undefined,
      log: silentLog(),
      pageFolder,
    });
    const headers = { authorization: `Bearer ${adapter.tokens.admin}` };
    const answer = await fetch(`${adapter.url}/v1/audit`, { headers });
    return (await answer.json()) as {
      items: { detail: string }[];
      chain: { entries: number; faults: unknown[] };
    };
  };
  expect(await run([])).toMatchObject({
    items: [{ action: "configured" }],
    chain: { entries: 1, faults: [] },
  });
  const { items, chain } = await run([{ olderThanDays: 30 }]);
  expect(items[0]?.detail).toMatch(/; changed adapter\.archive\.retention$/);
  expect(chain).toMatchObject({ entries: 2, faults: [] });
  expect((await run([{ olderThanDays: 30 }])).items).toHaveLength(2);
  expect(await verify(scratch.path)).toMatchObject({ code: 0 });
  tamper(scratch.path, "DELETE FROM audit_log WHERE number = 2");
  expect(await verify(scratch.path)).toMatchObject({ code: 1 });
});

test("what was noted before there was a chain is in it, in the order of its time", async () => {
  await using scratch = await scratchFolder();
  const path = join(scratch.path, "adapter.db");
  const before = new Database(path);
  before.exec(MIGRATIONS.slice(0, 6).join("\n"));
  before.pragma("user_version = 6");
  before.exec(`
    INSERT INTO audit VALUES (7, 3000, 'admin', 'held', 'ann', 'case');
    INSERT INTO accesses (at, who, action, interaction_id, detail) VALUES (2000, 'viewer', 'viewed', 'ann', 'x'),
      (4000, 'viewer', 'exported', 'ann', 'y')`);
  before.close();
  using database = openDatabase(path);
  const audit = new AuditStore(database);
  expect(audit.read(0, 9)).toMatchObject([
    { number: 1, at: 2_000, action: "viewed", sequence: null },
    { number: 2, at: 3_000, action: "held", sequence: 7 },
    { number: 3, at: 4_000, action: "exported", sequence: null },
  ]);
  audit.note(viewed("after"));
  expect((await new AuditInspection(audit, CLOCK).verdict()).faults).toEqual([]);
});
