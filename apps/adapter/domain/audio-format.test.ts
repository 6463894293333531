import { expect, test } from "vitest";
import { describeNoAudio, sniffAudioFormat } from "./audio-format.ts";

test.each<[string, string | number[], ReturnType<typeof sniffAudioFormat>]>([
  ["an MP3 with ID3 tags", "ID3\u0004\u0000", "mp3"],
  ["an MP3 that begins with a frame", [0xff, 0xfb, 0x90, 0x64], "mp3"],
  ["an MPEG-2 layer III frame", [0xff, 0xf3, 0x48, 0xc4], "mp3"],
  ["a WAV", "RIFF\u0001\u0002\u0003\u0004WAVEfmt ", "wav"],
  ["a WAV of more than 4 GB", "RF64\u00ff\u00ff\u00ff\u00ffWAVEds64", "wav"],
  ["another", "BW64\u00ff\u00ff\u00ff\u00ffWAVEds64", "wav"],
  ["an MP4", "\u0000\u0000\u0000\u0020ftypM4A ", "mp4"],
  ["an Ogg", "OggS\u0000", "ogg"],
  ["a FLAC", "fLaC\u0000", "flac"],
  ["a WebM", [0x1a, 0x45, 0xdf, 0xa3], "webm"],
  ["an AVI, which is RIFF too", "RIFF\u0001\u0002\u0003\u0004AVI LIST", null],
  ["a page of a proxy", "<!DOCTYPE html>", null],
  ["an AAC stream in ADTS, whose layer is none of MPEG's", [0xff, 0xf1, 0x50, 0x80], null],
  ["nothing", "", null],
])("%s is told by its first bytes", (_title, head, format) => {
  expect(sniffAudioFormat(bytesOf(head))).toBe(format);
});

test.each<[string | number[], string]>([
  ["", "is empty"],
  ["<!DOCTYPE html><title>Sign in", 'is a web page: "<!DOCTYPE html><title>Sign in"'],
  ["\u00ef\u00bb\u00bf\r\n <HTML>", 'is a web page: "<HTML>"'],
  ['<?xml version="1.0"?><Error>', 'is XML: "<?xml version=\\"1.0\\"?><Error>"'],
  ["<Error><Code>BlobNotFound", 'is XML: "<Error><Code>BlobNotFound"'],
  ['{"error":{"code":"0x80048d19"', 'is JSON: "{\\"error\\":{\\"code\\":\\"0x80048d19\\""'],
  [`404 ${"x".repeat(60)}`, `is a text: "404 ${"x".repeat(36)}"`],
  [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], "begins with 89504e470d0a1a0a"],
  [[0x41], "begins with 41"],
  [Array.from({ length: 64 }, () => 0), "begins with 00000000000000000000000000000000"],
])("of what is no sound it is said what it is: %j", (head, words) => {
  expect(describeNoAudio(bytesOf(head))).toBe(words);
});

function bytesOf(head: string | number[]): Uint8Array {
  return typeof head === "string"
    ? Uint8Array.from(head, (letter) => letter.charCodeAt(0))
    : Uint8Array.from(head);
}
