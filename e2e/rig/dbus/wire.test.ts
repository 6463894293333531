import { expect, test } from "vitest";
import { decodeMessage, encodeMessage, type Message, splitSignature } from "./wire.ts";

test.each([
  ["", []],
  ["s", ["s"]],
  ["a{sv}(i(ss))aay", ["a{sv}", "(i(ss))", "aay"]],
])("the signature %j has the types %j", (signature, types) => {
  expect(splitSignature(signature)).toEqual(types);
});

const NOTIFY: Message = {
  type: "call",
  serial: 7,
  path: "/org/freedesktop/Notifications",
  interface: "org.freedesktop.Notifications",
  member: "Notify",
  destination: "org.freedesktop.Notifications",
  signature: "susssasa{sv}i",
  body: [
    "Deskreel",
    0,
    "",
    "Aufzeichnung läuft",
    "",
    ["default", "ok"],
    [["urgency", { signature: "y", value: 0 }]],
    -1,
  ],
};

const EVERY_TYPE: Message = {
  type: "signal",
  serial: 1,
  signature: "ybnqiuxtdsogva(ii)aay(sa{sv})",
  body: [
    255,
    true,
    -2,
    65_535,
    -3,
    4_294_967_295,
    -4n,
    2n ** 63n,
    0.5,
    "é",
    "/a",
    "as",
    { signature: "(sv)", value: ["x", { signature: "i", value: 1 }] },
    [
      [1, 2],
      [3, 4],
    ],
    [[1, 2, 3], []],
    ["last", [["k", { signature: "s", value: "v" }]]],
  ],
};

test.each([NOTIFY, EVERY_TYPE])(
  "message $serial comes back as it was, also after another in one read",
  (message) => {
    const bytes = encodeMessage(message);
    expect(decodeMessage(Buffer.concat([bytes, bytes]))).toEqual({ message, bytes: bytes.length });
    for (const length of [0, 15, bytes.length - 1])
      expect(decodeMessage(bytes.subarray(0, length))).toBeNull();
  },
);
