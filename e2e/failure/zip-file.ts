import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { inflateRawSync } from "node:zlib";
import { ZipFile } from "yazl";

/** A file in a zip file. */
export interface ZipEntry {
  name: string;
  bytes: Buffer;
}

const [END, ENTRY] = [0x06054b50, 0x02014b50];
const END_BYTES = 22;
const DEFLATED = 8;

/** Reads a whole zip file of the plain kind (no encryption, less than 4 GB), as Playwright writes its traces. */
export async function readZip(path: string): Promise<ZipEntry[]> {
  const zip = await readFile(path);
  let end = zip.length - END_BYTES;
  while (end >= 0 && zip.readUInt32LE(end) !== END) end -= 1;
  if (end < 0) throw new Error(`${path} is no zip file`);
  const entries: ZipEntry[] = [];
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left -= 1) {
    if (zip.readUInt32LE(at) !== ENTRY) throw new Error(`${path} has a broken directory`);
    const [method, size] = [zip.readUInt16LE(at + 10), zip.readUInt32LE(at + 20)];
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((field) => zip.readUInt16LE(at + field));
    const header = zip.readUInt32LE(at + 42);
    // The header before the bytes has an extra field of its own.
    const from = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
    const packed = zip.subarray(from, from + size);
    const name = zip.subarray(at + 46, at + 46 + (nameBytes ?? 0)).toString();
    entries.push({ name, bytes: method === DEFLATED ? inflateRawSync(packed) : packed });
    at += 46 + (nameBytes ?? 0) + (extraBytes ?? 0) + (commentBytes ?? 0);
  }
  return entries;
}

export async function writeZip(path: string, entries: readonly ZipEntry[]): Promise<void> {
  const zip = new ZipFile();
  for (const { name, bytes } of entries) zip.addBuffer(bytes, name);
  zip.end();
  await once(zip.outputStream.pipe(createWriteStream(path)), "close");
}
