import { expect, test } from "vitest";
import fc from "fast-check";
import { decodeData } from "./decode-data.ts";

/** A text in pieces, as a line would bring it. */
async function* pieces(text: string, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += length) {
    yield await Promise.resolve(Buffer.from(text.slice(at, at + length)));
  }
}

async function decode(text: string, length: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of decodeData(pieces(text, length))) parts.push(part);
  return Buffer.concat(parts);
}

test("a block is the same however its answer is cut, and however JSON writes it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 80 }),
      fc.boolean(),
      async (bytes, length, isEscaped) => {
        const base64 = Buffer.from(bytes).toString("base64");
        const data = isEscaped ? base64.replaceAll("/", "\\/") : base64;
        const text = `{"@odata.context":"https://x/$metadata", "Data" : "${data}"}`;
        expect(await decode(text, length)).toEqual(Buffer.from(bytes));
      },
    ),
  );
});

test.each([
  ['{"Data":"AAAA', "within Data"],
  ['{"error":{"code":"0x0"}}', "has no Data"],
  ["", "has no Data"],
  [`{"a":"${"x".repeat(70_000)}`, "has no Data"],
])("an answer that is none is told as such: %.20s", async (text, words) => {
  await expect(decode(text, 7)).rejects.toThrow(words);
});
