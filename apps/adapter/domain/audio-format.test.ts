import { expect, test } from "vitest";
import { sniffAudioFormat } from "./audio-format.ts";

test.each<[string, string | number[], ReturnType<typeof sniffAudioFormat>]>([
  ["an MP3 with ID3 tags", "ID3\u0004\u0000", "mp3"],
  ["an MP3 that begins with a frame", [0xff, 0xfb, 0x90, 0x64], "mp3"],
  ["an MPEG-2 layer III frame", [0xff, 0xf3, 0x48, 0xc4], "mp3"],
  ["a WAV", "RIFF\u0001\u0002\u0003\u0004WAVEfmt ", "wav"],
  ["an MP4", "\u0000\u0000\u0000\u0020ftypM4A ", "mp4"],
  ["an Ogg", "OggS\u0000", "ogg"],
  ["a FLAC", "fLaC\u0000", "flac"],
  ["a WebM", [0x1a, 0x45, 0xdf, 0xa3], "webm"],
  ["an AVI, which is RIFF too", "RIFF\u0001\u0002\u0003\u0004AVI LIST", null],
  ["a page of a proxy", "<!DOCTYPE html>", null],
  ["an AAC stream in ADTS, whose layer is none of MPEG's", [0xff, 0xf1, 0x50, 0x80], null],
  ["nothing", "", null],
])("%s is told by its first bytes", (_title, head, format) => {
  const bytes =
    typeof head === "string"
      ? Uint8Array.from(head, (letter) => letter.charCodeAt(0))
      : Uint8Array.from(head);
  expect(sniffAudioFormat(bytes)).toBe(format);
});
