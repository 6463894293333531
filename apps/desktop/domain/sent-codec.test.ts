import { expect, test } from "vitest";
import { CODECS } from "#shared/api/recording.ts";
import { chooseCodec, scalabilityModeOf } from "./sent-codec.ts";

const CHROMIUM = ["video/VP8", "video/rtx", "video/VP9", "video/H264", "video/AV1"];

test("the policy's order counts, not the device's", () => {
  expect(chooseCodec(["av1", "vp9", "h264", "vp8"], CHROMIUM)).toBe("av1");
  expect(chooseCodec(["h264", "av1"], CHROMIUM)).toBe("h264");
});

test("a codec that cannot be sent from here is passed over", () => {
  const withoutAv1 = CHROMIUM.filter((mimeType) => mimeType !== "video/AV1");
  expect(chooseCodec(["av1", "vp9"], withoutAv1)).toBe("vp9");
  expect(chooseCodec(["av1"], withoutAv1)).toBeNull();
});

test("every codec has one spatial layer, AV1 three temporal ones", () => {
  expect(CODECS.map((codec) => [codec, scalabilityModeOf(codec)])).toEqual([
    ["vp9", "L1T1"],
    ["av1", "L1T3"],
    ["h264", "L1T1"],
    ["vp8", "L1T1"],
  ]);
});
