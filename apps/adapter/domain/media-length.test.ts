import { expect, test } from "vitest";
import { readMediaLength } from "./media-length.ts";

const text = (value: string) => [...Buffer.from(value, "latin1")];
const u32 = (value: number) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
const u64 = (value: number) => [...u32(Math.floor(value / 2 ** 32)), ...u32(value >>> 0)];

const box = (name: string, content: number[]) => [...u32(8 + content.length), ...text(name), ...content];
const FTYP = box("ftyp", text("isom"));
const dates = (bytes: number) => Array.from({ length: bytes }, () => 7);
const mvhd = (scale: number, ticks: number) =>
  box("mvhd", [0, 0, 0, 0, ...dates(8), ...u32(scale), ...u32(ticks)]);
const mvhdLong = (scale: number, ticks: number) =>
  box("mvhd", [1, 0, 0, 0, ...dates(16), ...u32(scale), ...u64(ticks)]);
/** As ffmpeg writes it in front of data that may be large. */
const wide = (name: string, content: number[]) => [
  ...u32(1),
  ...text(name),
  ...u64(16 + content.length),
  ...content,
];

const element = (id: number[], content: number[]) => [...id, 0x40, content.length, ...content];
const EBML = element([0x1a, 0x45, 0xdf, 0xa3], [1, 2, 3]);
const VOID = element([0xec], [0, 0, 0]);
const SCALE_US = element([0x2a, 0xd7, 0xb1], [0x03, 0xe8]);
const float = (bytes: 4 | 8, value: number) => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeDoubleBE(value);
  else buffer.writeFloatBE(value);
  return element([0x44, 0x89], [...buffer]);
};
const INFO = [0x15, 0x49, 0xa9, 0x66];
const info = (content: number[]) => element(INFO, content);
const longElement = (id: number[], content: number[]) => [
  ...id,
  ...[1, 0, 0, 0, 0, 0, 0, content.length],
  ...content,
];
const SEGMENT = [0x18, 0x53, 0x80, 0x67];
/** Of a file that is still written: its segment says no size. */
const ENDLESS = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

test.each([
  ["an MP4", [...FTYP, ...box("moov", mvhd(1_000, 61_234))], 61_234],
  ["an MP4 in other ticks", [...FTYP, ...box("moov", mvhd(48_000, 48_007))], 1_000],
  ["an MP4 with long fields", [...FTYP, ...box("moov", mvhdLong(1_000, 2 ** 33))], 2 ** 33],
  [
    "an MP4 with something large before",
    [...FTYP, ...wide("free", [1, 2, 3]), ...box("moov", mvhd(1_000, 5))],
    5,
  ],
  ["a WebM", [...EBML, ...element(SEGMENT, [...VOID, ...info(float(8, 61_234.4))])], 61_234],
  [
    "a WebM in microseconds",
    [...EBML, ...element(SEGMENT, info([...SCALE_US, ...float(4, 5_000_000)]))],
    5_000,
  ],
  [
    "a WebM with long sizes, as ffmpeg writes them",
    [
      ...EBML,
      ...longElement(SEGMENT, [...VOID, ...longElement(INFO, [...SCALE_US, ...float(8, 7_000_000)])]),
    ],
    7_000,
  ],
  ["a WebM without a size", [...EBML, ...SEGMENT, ...ENDLESS, ...VOID, ...info(float(8, 4_000))], 4_000],
])("the length of %s is read", (_name, bytes, expected) => {
  expect(readMediaLength(Uint8Array.from(bytes))).toBe(expected);
});

test.each([
  ["nothing", []],
  ["text", text("no media at all, but long enough to be some")],
  ["an MP4 whose index is behind", [...FTYP, ...box("mdat", dates(40))]],
  ["an MP4 that is cut off", [...FTYP, ...box("moov", mvhd(1_000, 61_234))].slice(0, 46)],
  ["an MP4 without a clock", [...FTYP, ...box("moov", mvhd(0, 61_234))]],
  ["a box that says it ends where it began", [...u32(1), ...text("free"), ...u64(0)]],
  ["a WebM that was never finished", [...EBML, ...SEGMENT, ...ENDLESS, ...info(SCALE_US)]],
])("%s has no length", (_name, bytes) => {
  expect(readMediaLength(Uint8Array.from(bytes))).toBeNull();
});
