import { Readable } from "node:stream";
import type { GetObjectCommandOutput } from "@aws-sdk/client-s3";
import type { ByteRange } from "../archive-storage.ts";

/** So often in a row is a broken answer continued without a byte having come. */
const BREAKS_MOST = 4;

type Get = (range: Partial<ByteRange>, ifMatch: string | undefined) => Promise<GetObjectCommandOutput | null>;

/**
 * An object's bytes. An answer that breaks off is continued from where it broke, from the same object.
 *
 * @param get - asks for a range; null: there is no such object.
 * @param toFailure - what is thrown for an answer that broke off for good.
 */
export async function readObject(
  get: Get,
  range: ByteRange | undefined,
  toFailure: (cause: unknown) => Error,
): Promise<Readable | null> {
  const first = await get(range ?? {}, undefined);
  if (first === null) return null;
  return Readable.from(continued(first, get, range, toFailure), { objectMode: false });
}

async function* continued(
  first: GetObjectCommandOutput,
  get: Get,
  range: ByteRange | undefined,
  toFailure: (cause: unknown) => Error,
): AsyncGenerator<Buffer> {
  let answer = first;
  let at = range?.from ?? 0;
  const end = at + (first.ContentLength ?? 0);
  let breaks = 0;
  for (;;) {
    const body = answer.Body as Readable;
    try {
      for await (const chunk of body) {
        const bytes = chunk as Buffer;
        yield bytes;
        at += bytes.length;
        breaks = 0;
      }
      if (at >= end) return;
      throw new Error(`the answer ended ${end - at} bytes early`);
    } catch (cause) {
      breaks += 1;
      if (breaks > BREAKS_MOST) throw toFailure(cause);
    } finally {
      // Also when whoever reads has had enough.
      body.destroy();
    }
    const next = await get({ from: at, to: end - 1 }, first.ETag);
    if (next === null) throw toFailure(new Error("it was deleted meanwhile"));
    answer = next;
  }
}
