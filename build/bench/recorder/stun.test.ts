import { createHmac } from "node:crypto";
import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import { bindingRequest, isStun } from "./stun.ts";

test("a check names both ends, is signed with the remote password, and its last attribute is its sum", () => {
  const local = { usernameFragment: "me", password: "mine" };
  const remote = { usernameFragment: "you", password: "yours" };
  const check = bindingRequest(local, remote);
  expect(isStun(check)).toBe(true);
  expect(check.readUInt16BE(2)).toBe(check.byteLength - 20);
  expect(check.includes("you:me")).toBe(true);
  const sumAt = check.byteLength - 8;
  expect(check.readUInt32BE(sumAt + 4)).toBe((crc32(check.subarray(0, sumAt)) ^ 0x5354554e) >>> 0);
  // RFC 8489 section 14.5: signed is what stands before, with a length that ends with the signature.
  const signedAt = sumAt - 24;
  const signed = Buffer.from(check.subarray(0, signedAt));
  signed.writeUInt16BE(signedAt + 24 - 20, 2);
  const expected = createHmac("sha1", "yours").update(signed).digest();
  expect(check.subarray(signedAt + 4, sumAt)).toEqual(expected);
});
