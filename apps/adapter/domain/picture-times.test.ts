import { expect, test } from "vitest";
import { pictureDeltas, readMp4Pictures } from "./picture-times.ts";

test.each<[string, number[], number[]]>([
  ["from the first on", [0, 200, 600], [0, 200, 400]],
  ["a first one that comes late", [80, 100], [80, 20]],
  ["two that begin together", [0, 200, 200, 300], [0, 200, 100]],
])("%s", (_what, starts, expected) => {
  expect(pictureDeltas(starts)).toEqual(expected);
});

const text = (value: string) => [...Buffer.from(value, "latin1")];
const u32 = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const box = (name: string, content: number[]) => [...u32(8 + content.length), ...text(name), ...content];

const hdlr = (kind: string) => box("hdlr", [...u32(0), ...u32(0), ...text(kind)]);
const mdhd = (ticks: number) => box("mdhd", [...u32(0), ...u32(7), ...u32(7), ...u32(ticks)]);
const mdhdLong = (ticks: number) => box("mdhd", [1, 0, 0, 0, ...Array<number>(16).fill(7), ...u32(ticks)]);
const stts = (...runs: [count: number, ticks: number][]) =>
  box("stts", [...u32(0), ...u32(runs.length), ...runs.flat().flatMap(u32)]);
const elst = (...starts: number[]) =>
  box("elst", [
    ...u32(0),
    ...u32(starts.length),
    ...starts.flatMap((start) => [...u32(9), ...u32(start), ...u32(1)]),
  ]);
const elstLong = (start: number) =>
  box("elst", [1, 0, 0, 0, ...u32(1), ...u32(0), ...u32(9), ...u32(0), ...u32(start), ...u32(1)]);

interface Track {
  clock?: number[];
  kind?: string;
  times?: number[];
  edits?: number[];
}
const trak = ({ clock = mdhd(1_000), kind = "vide", times = stts([1, 40]), edits = [] }: Track) => {
  const stbl = box("stbl", [...box("stsd", u32(0)), ...times]);
  const mdia = box("mdia", [...clock, ...hdlr(kind), ...box("minf", stbl)]);
  return box("trak", [...box("edts", edits), ...mdia]);
};
const SOUND = trak({ kind: "soun", times: stts([9, 1_024]) });
const read = (...content: number[]) => readMp4Pictures(Uint8Array.from(content));

test.each<[string, number[], number, number[]]>([
  [
    "runs of pictures",
    trak({ times: stts([2, 200], [1, 800], [2, 40]) }),
    1_000,
    [0, 200, 400, 1_200, 1_240],
  ],
  ["after the sound", [...SOUND, ...trak({ times: stts([2, 5]) })], 1_000, [0, 5]],
  ["with an edit list that begins at once", trak({ edits: elst(0) }), 1_000, [0]],
  ["with a long one", trak({ edits: elstLong(0) }), 1_000, [0]],
  ["by a clock with long dates", trak({ clock: mdhdLong(16_000) }), 16_000, [0]],
])("pictures of an MP4 are read: %s", (_what, moov, ticksPerSecond, starts) => {
  expect(read(...moov)).toEqual({ ticksPerSecond, starts });
});

test.each<[string, number[]]>([
  ["sound alone", SOUND],
  ["no picture", trak({ times: stts() })],
  ["no clock", trak({ clock: mdhd(0) })],
  ["no table", trak({ times: [] })],
  ["pictures in another order", trak({ times: [...stts([1, 40]), ...box("ctts", u32(0))] })],
  ["a beginning that is cut away", trak({ edits: elst(40) })],
  ["a wait before", trak({ edits: elst(-1, 0) })],
  ["an end before it ought to be", trak({}).slice(0, -4)],
  ["nothing", []],
  ["text", text("no index at all, but long enough to be some")],
])("an MP4 with %s has none", (_what, moov) => {
  expect(read(...moov)).toBeNull();
});
