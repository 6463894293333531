import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import { AgentDirectory } from "./agent-directory.ts";
import { AliasFile } from "./alias-file.ts";
import { DesktopOwners } from "./desktop-owners.ts";

const REPOSITORY = join(import.meta.dirname, "../../..");
const ANN = "ann@contoso.com";
const BOB = "bob@contoso.com";

let folder: string;
let path: string;
let buffer: CallBuffer;
let names: AgentDirectory;
let owners: DesktopOwners;
let file: AliasFile | null;
let changes: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-aliases-"));
  path = join(folder, "aliases.yaml");
  file = null;
  await openAll();
});
afterEach(async () => {
  closeAll();
  await rm(folder, { recursive: true, force: true });
});

async function openAll(): Promise<void> {
  buffer = await openCallBuffer(join(folder, "buffer"));
  const clock = { now: () => Date.now() };
  names = new AgentDirectory({ buffer, clock, log: silentLog() });
  owners = new DesktopOwners(names);
}

function closeAll(): void {
  file?.[Symbol.dispose]();
  names[Symbol.dispose]();
  buffer[Symbol.dispose]();
}

async function restart(): Promise<void> {
  closeAll();
  await openAll();
}

function read(configured: string | null = path): AliasFile {
  changes = 0;
  const clock = { now: () => Date.now() };
  const onChange = () => (changes += 1);
  file = new AliasFile({ path: configured, buffer, names, owners, clock, log: silentLog(), onChange });
  return file;
}

const kioskOf = (agent: string) => `desktops: [{ device: PC-1, osUser: kiosk, agent: ${agent} }]\n`;
const kioskAt = (device: string) => owners.ownerOf({ agent: "whoever", device, osUser: "kiosk" });
const kiosk = () => kioskAt("PC-1");

/** The file is looked at twice a second. */
async function soon(check: () => void): Promise<void> {
  await vi.waitFor(check, { timeout: 10_000, interval: 50 });
}

describe("the alias file", () => {
  test("may be as docs/CONFIG.md shows it", async () => {
    const docs = await readFile(join(REPOSITORY, "docs/CONFIG.md"), "utf8");
    const example = /```yaml\n(agents:[^`]*)```/.exec(docs)?.[1] ?? "";
    await writeFile(path, example);
    expect(read().fault).toBe(null);
    expect([names.find("contoso\\ann"), kioskAt("PC-0815")]).toEqual([ANN, BOB]);
  });

  test("is in force once it is opened", async () => {
    await writeFile(path, `agents: [{ agent: ${ANN}, names: ['CONTOSO\\ann'] }]\n${kioskOf(BOB)}`);
    expect(read().fault).toBe(null);
    expect(names.find("contoso\\ANN")).toBe(ANN);
    expect(kiosk()).toBe(BOB);
  });

  test("takes effect when it is written anew, and when another is put in its place", async () => {
    await writeFile(path, kioskOf(ANN));
    read();
    await writeFile(path, kioskOf(BOB));
    await soon(() => expect(kiosk()).toBe(BOB));
    await writeFile(`${path}.new`, `${kioskOf("carol@contoso.com")}# another size\n`);
    await rename(`${path}.new`, path);
    await soon(() => expect(kiosk()).toBe("carol@contoso.com"));
    expect(changes).toBe(3);
  });

  test("is refused whole with every problem named when it is faulty; the one before it stays in force", async () => {
    await writeFile(path, kioskOf(ANN));
    const aliases = read();
    await writeFile(path, `${kioskOf(BOB)}agents: [{ agent: 7 }]\nmore: 1\n`);
    await soon(() => expect(aliases.fault).not.toBe(null));
    expect(aliases.fault).toContain(path);
    for (const at of ["/agents/0/agent", "/agents/0/names", "/more"]) expect(aliases.fault).toContain(at);
    expect([kiosk(), changes]).toEqual([ANN, 1]);
    await writeFile(path, kioskOf(BOB));
    await soon(() => expect(aliases.fault).toBe(null));
    expect(kiosk()).toBe(BOB);
  });

  test("that goes missing is a fault, too", async () => {
    await writeFile(path, kioskOf(ANN));
    const aliases = read();
    await rm(path);
    await soon(() => expect(aliases.fault).toMatch(/ENOENT/));
    expect(kiosk()).toBe(ANN);
  });

  test("that is faulty at the start is no reason not to start: what was in force before still is", async () => {
    await writeFile(path, `agents: [{ agent: ${ANN}, names: [a7] }]\n${kioskOf(ANN)}`);
    read();
    await restart();
    await writeFile(path, "agents: [");
    const aliases = read();
    expect(aliases.fault).toMatch(/not valid YAML/);
    expect([kiosk(), names.find("a7")]).toEqual([ANN, ANN]);
  });

  test("that never was right leaves desktops to whom they say, and says so", () => {
    expect(read().fault).toMatch(/ENOENT/);
    expect(kiosk()).toBe("whoever");
  });

  test("that is not configured any more holds no longer", async () => {
    await writeFile(path, `agents: [{ agent: ${ANN}, names: [a7] }]\n${kioskOf(ANN)}`);
    read();
    await restart();
    expect(read(null).fault).toBe(null);
    expect([kiosk(), names.find("a7")]).toEqual(["whoever", null]);
    expect(buffer.agentNames.aliasFileContent()).toBe(null);
  });
});
