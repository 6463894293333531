import { expect, test } from "vitest";
import { CORPUS_CODECS, decodeScene, encodeScene, readScene, SCENES } from "./corpus.ts";

test.each(CORPUS_CODECS.flatMap((codec) => SCENES.map((scene) => [codec, scene] as const)))(
  "the recorded packets of %s %s are whole pictures that follow each other",
  (codec, name) => {
    const { packets, ...facts } = readScene(codec, name);
    expect(facts).toMatchObject({ codec, scene: name, width: 1920, height: 1080, framesPerSecond: 5 });
    expect(packets.filter(({ marker }) => marker)).toHaveLength(facts.pictures);
    expect(packets.at(-1)?.marker).toBe(true);
    expect([packets[0]?.atMs, packets[0]?.ticks]).toEqual([0, 0]);
    const ticks = packets.map((packet) => packet.ticks);
    expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
    expect(ticks.at(-1)).toBeLessThan(facts.durationMs * 90);
  },
);

test("a scene is read as it was written", () => {
  const { packets, ...facts } = readScene("vp9", "typing");
  const scene = { ...facts, packets: packets.slice(0, 3) };
  expect(decodeScene(encodeScene(scene))).toEqual(scene);
  expect(() => decodeScene(encodeScene(scene).subarray(0, -1))).toThrow(RangeError);
});
