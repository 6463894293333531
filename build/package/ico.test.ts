import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { REPOSITORY } from "../repository.ts";
import { icoOf } from "./ico.ts";

const picture = (name: string) => readFile(join(REPOSITORY, "apps/desktop/icons", name));

test("an icon lists its pictures by size and has each of them as it came", async () => {
  const pictures = [await picture("app-16.png"), await picture("app-256.png")];
  const ico = icoOf(pictures);
  expect([ico.readUInt16LE(0), ico.readUInt16LE(2), ico.readUInt16LE(4)]).toEqual([0, 1, 2]);
  const found = [0, 1].map((index) => {
    const entry = ico.subarray(6 + 16 * index, 22 + 16 * index);
    const [bytes, offset] = [entry.readUInt32LE(8), entry.readUInt32LE(12)];
    return { sides: [entry[0], entry[1]], picture: ico.subarray(offset, offset + bytes) };
  });
  expect(found).toEqual([
    { sides: [16, 16], picture: pictures[0] },
    // 256, as an icon says it.
    { sides: [0, 0], picture: pictures[1] },
  ]);
});

test("what is no picture for an icon is refused", async () => {
  const wide = Buffer.from(await picture("app-16.png"));
  wide.writeUInt32BE(17, 16);
  expect(() => icoOf([wide])).toThrow("a picture is 17x16; an icon's are square, of 256 pixels at most");
  expect(() => icoOf([Buffer.from("GIF89a")])).toThrow("a picture is no PNG");
});
