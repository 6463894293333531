import { encode } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeDesktopMessage, decodeRecorderMessage, encodeMessage, ProtocolError } from "./codec.ts";
import { type DesktopMessage, MAX_FRAME_BYTES, type RecorderMessage } from "./messages.ts";

const id = fc.integer({ min: 1, max: 2 ** 31 });
const text = fc.string({ minLength: 1, maxLength: 64 });
// Read from its text: msgpack has no -0 among its integers.
const jsonValue = fc.json().map((text): unknown => JSON.parse(text));
const opaque = fc.dictionary(
  fc.string({ maxLength: 8 }).filter((key) => key !== "__proto__"),
  jsonValue,
);
const display = fc.record({
  id: text,
  width: fc.integer({ min: 1, max: 32_768 }),
  height: fc.integer({ min: 1, max: 32_768 }),
  scale: fc.constantFrom(1, 1.25, 2),
  primary: fc.boolean(),
});
const epochMs = fc.double({ min: 0, max: 4e12, noNaN: true });

const base64url = (bytes: number) =>
  fc
    .uint8Array({ minLength: bytes, maxLength: bytes })
    .map((value) => Buffer.from(value).toString("base64url"));
const proof = {
  host: text,
  device: text,
  osUser: text,
  keyProtection: fc.constantFrom("os" as const, "plain" as const),
  signature: base64url(64),
};

const desktopMessage: fc.Arbitrary<DesktopMessage> = fc.oneof(
  fc.record({ t: fc.constant("authenticate" as const), id, publicKey: base64url(32) }),
  fc.record({ t: fc.constant("prove" as const), id, ...proof }),
  fc.record({ t: fc.constant("enrol" as const), id, ...proof, token: text }),
  fc.record({
    t: fc.constant("hello" as const),
    id,
    agent: fc.constantFrom("ann@contoso.com", "0d3a5a54"),
    device: text,
    osUser: text,
    displays: fc.array(display, { maxLength: 3 }),
    appVersion: text,
    recordings: fc.array(text, { maxLength: 3 }),
    transportId: fc.option(text),
  }),
  fc.record({ t: fc.constant("ping" as const), id, sentAt: epochMs }),
  fc.record({
    t: fc.constant("produce" as const),
    id,
    transportId: text,
    display,
    rtpParameters: opaque,
  }),
  fc.record({ t: fc.constant("ack" as const), id }),
);
const recorderMessage: fc.Arbitrary<RecorderMessage> = fc.oneof(
  fc.record({
    t: fc.constant("challenge" as const),
    id,
    nonce: base64url(32),
    isKnown: fc.boolean(),
  }),
  fc.record({ t: fc.constant("authenticated" as const), id, desktopId: text }),
  fc.record({
    t: fc.constant("start" as const),
    id,
    calls: fc.array(fc.record({ recordingId: text, since: epochMs }), { minLength: 1, maxLength: 3 }),
    paused: fc.boolean(),
    stopNoLaterThan: epochMs,
  }),
  fc.record({
    t: fc.constant("pong" as const),
    id,
    sentAt: epochMs,
    serverTime: epochMs,
    stopNoLaterThan: fc.option(epochMs),
  }),
  fc.record({ t: fc.constant("error" as const), id: fc.option(id), code: text, message: text }),
);

test("what was encoded is decoded to the same", () => {
  fc.assert(
    fc.property(desktopMessage, (message) => {
      // The codec's own objects have an ordinary prototype, fast-check's dictionaries may have none.
      expect(decodeDesktopMessage(encodeMessage(message))).toEqual(structuredClone(message));
    }),
  );
  fc.assert(
    fc.property(recorderMessage, (message) => {
      expect(decodeRecorderMessage(encodeMessage(message))).toEqual(message);
    }),
  );
});

test("whatever the bytes, nothing but a ProtocolError is thrown", () => {
  const anything = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.anything().map((value) => {
      try {
        return encode(value);
      } catch {
        return new Uint8Array();
      }
    }),
  );
  fc.assert(
    fc.property(anything, (frame) => {
      try {
        decodeDesktopMessage(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(ProtocolError);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("a frame that is none spoils nothing for the next one", () => {
  fc.assert(
    fc.property(desktopMessage, fc.uint8Array({ maxLength: 64 }), fc.nat(), (message, garbage, cut) => {
      const whole = encodeMessage(message);
      for (const frame of [garbage, whole.subarray(0, cut % whole.byteLength)])
        expect(() => decodeDesktopMessage(frame)).toThrow(ProtocolError);
      expect(decodeDesktopMessage(whole)).toEqual(message);
    }),
  );
});

const REFUSED: [string, Uint8Array, string, number | null, string][] = [
  [
    "a frame above the limit",
    new Uint8Array(MAX_FRAME_BYTES + 1),
    "FRAME_TOO_LARGE",
    null,
    `frame has ${MAX_FRAME_BYTES + 1} bytes, at most ${MAX_FRAME_BYTES} are allowed`,
  ],
  [
    "a broken frame",
    Uint8Array.of(0x82, 0xa1),
    "NOT_MSGPACK",
    null,
    "frame of 2 bytes is not one msgpack value",
  ],
  // Every byte opens an array of one element: 100,000 of them nest deeper than any stack.
  [
    "a frame nested too deeply",
    new Uint8Array(100_000).fill(0x91),
    "NOT_MSGPACK",
    null,
    "frame of 100000 bytes is not one msgpack value",
  ],
  ["a list", encode([1]), "NOT_A_MESSAGE", null, "frame must be a msgpack map with a field t"],
  ["an unknown type", encode({ t: "dance", id: 7 }), "UNKNOWN_TYPE", 7, 'message type "dance" is unknown'],
  [
    "every faulty field at once",
    encode({ t: "ping", id: 0, sentAt: "now" }),
    "BAD_FIELDS",
    null,
    "message ping is malformed: /id: Too small: expected number to be >0; /sentAt: Invalid input: expected number, received string",
  ],
];

test.each(REFUSED)("%s is refused by name", (_title, frame, code, requestId, message) => {
  let refusal: unknown;
  try {
    decodeDesktopMessage(frame);
  } catch (error) {
    refusal = error;
  }
  expect(refusal).toBeInstanceOf(ProtocolError);
  const { code: foundCode, requestId: foundId, message: found } = refusal as ProtocolError;
  expect([foundCode, foundId, found]).toEqual([code, requestId, message]);
});

test("an agent's id is folded to lower case at the border", () => {
  const hello = {
    t: "hello",
    id: 1,
    agent: "Ann@Contoso.com",
    device: "PC-1",
    osUser: "ann",
    displays: [],
    appVersion: "0.1.0",
    recordings: [],
    transportId: null,
  };
  expect(decodeDesktopMessage(encode(hello))).toEqual({ ...hello, agent: "ann@contoso.com" });
});
