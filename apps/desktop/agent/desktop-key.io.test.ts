import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pino } from "pino";
import { silentLog } from "#shared/runtime/log.ts";
import { isProofOf } from "#shared/trust/desktop-proof.ts";
import { type DesktopKey, openDesktopKey, type SecretBox } from "./desktop-key.ts";

/** Turns bytes round, and knows its own by what they begin with. */
class TestBox implements SecretBox {
  protection: SecretBox["protection"] = "os";
  isLocked = false;

  seal(text: string): Uint8Array {
    return Buffer.concat([Buffer.from(`${this.protection}:`), Buffer.from(text).reverse()]);
  }

  open(sealed: Uint8Array, protection: SecretBox["protection"]): string {
    const bytes = Buffer.from(sealed);
    const mark = `${protection}:`;
    if (this.isLocked || !bytes.toString().startsWith(mark)) throw new Error("not sealed here");
    return bytes.subarray(mark.length).reverse().toString();
  }
}

const FACTS = { purpose: "prove", nonce: "n", host: "localhost", device: "PC-1", osUser: "ann" } as const;

let folder: string;
let box: TestBox;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-key-"));
  box = new TestBox();
});
afterEach(async () => {
  await chmod(folder, 0o700);
  await rm(folder, { recursive: true });
});

const open = (place: { device?: string; osUser?: string } = {}, log = silentLog()): Promise<DesktopKey> =>
  openDesktopKey({ folder, device: "PC-1", osUser: "ann", ...place, box, log });
const files = async () => (await readdir(join(folder, "keys"))).sort();
const onlyFile = async () => {
  const [file = "", ...others] = await files();
  expect(others).toEqual([]);
  return join(folder, "keys", file);
};

test("a key is made once, sealed, for its user's eyes only, and signs", async () => {
  const first = await open();
  const again = await open({ device: "pc-1", osUser: "ANN" });
  expect(again.publicKey).toBe(first.publicKey);
  expect(again.keyProtection).toBe("os");
  const { publicKey } = first;
  expect(isProofOf({ ...FACTS, publicKey }, again.sign(FACTS))).toBe(true);

  const path = await onlyFile();
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(folder, "keys"))).mode & 0o777).toBe(0o700);
  const { sealedKey } = JSON.parse(await readFile(path, "utf8")) as { sealedKey: string };
  // The beginning of every Ed25519 key in PKCS #8.
  expect(Buffer.from(sealedKey, "base64").toString()).not.toContain("MC4CAQAwBQYDK2Vw");
});

test("each device and each OS user has a key of its own", async () => {
  const keys = [await open(), await open({ device: "PC-2" }), await open({ osUser: "bob" })];
  expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(3);
  expect((await open()).publicKey).toBe(keys[0]?.publicKey);
});

test.each<[string, (path: string) => Promise<void> | void]>([
  ["is empty", (path) => writeFile(path, "")],
  ["is not ours", (path) => writeFile(path, '{"format":"something else"}')],
  ["is cut off", async (path) => writeFile(path, (await readFile(path, "utf8")).slice(0, -40))],
  [
    "has another public key",
    async (path) =>
      writeFile(path, (await readFile(path, "utf8")).replace(/"publicKey": ".{4}/, '"publicKey": "AAAA')),
  ],
  ["cannot be opened any more", () => void (box.isLocked = true)],
])("a key file that %s is kept aside, and a new key made", async (_title, spoil) => {
  const first = await open();
  const path = await onlyFile();
  await spoil(path);
  const spoilt = await readFile(path);
  const second = await open();
  box.isLocked = false;
  expect(second.publicKey).not.toBe(first.publicKey);
  expect((await open()).publicKey).toBe(second.publicKey);
  const aside = (await files()).filter((file) => file.includes(".unusable-"));
  expect(aside).toHaveLength(1);
  expect(await readFile(join(folder, "keys", aside[0] ?? ""))).toEqual(spoilt);
});

test("without a store for secrets the key is kept all the same, and the log says so, without the key", async () => {
  box.protection = "plain";
  const lines: string[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(line) });
  const first = await open({}, log);
  expect(first.keyProtection).toBe("plain");
  expect(lines.filter((line) => line.includes("rights alone"))).toHaveLength(1);
  const { sealedKey } = JSON.parse(await readFile(await onlyFile(), "utf8")) as { sealedKey: string };
  expect(lines.join("")).not.toContain(sealedKey);

  // Once there is a store, the same key goes there.
  box.protection = "os";
  const second = await open();
  expect([second.publicKey, second.keyProtection]).toEqual([first.publicKey, "os"]);
  expect(await readFile(await onlyFile(), "utf8")).toContain('"keyProtection": "os"');
});

test("a key that cannot be stored serves until the app ends", async () => {
  await writeFile(join(folder, "keys"), "a file where the folder should be");
  const { publicKey, sign } = await open();
  expect(isProofOf({ ...FACTS, publicKey }, sign(FACTS))).toBe(true);
});
