import fc from "fast-check";
import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { playCapture, readChromiumCapture } from "../../media/testing/rtp-fixture.ts";
import { readKeyFrame } from "./key-frame.ts";

test.each(CODECS)("a key frame of %s says again, out of the file, what it said when it came", (codec) => {
  const { frames } = playCapture(readChromiumCapture(codec), codec);
  const keys = frames.filter(({ key }) => key);
  expect(keys.length).toBeGreaterThan(1);
  for (const { data, width, height, codecPrivate = null } of keys)
    expect(readKeyFrame(codec, data)).toEqual({ width, height, codecPrivate });
  const delta = frames.find(({ key }) => !key);
  expect(readKeyFrame(codec, delta?.data ?? new Uint8Array())).toBeNull();
});

test("garbage says nothing, and never throws", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CODECS), fc.uint8Array({ maxLength: 60 }), (codec, garbage) => {
      expect(() => readKeyFrame(codec, garbage)).not.toThrow();
    }),
  );
});
