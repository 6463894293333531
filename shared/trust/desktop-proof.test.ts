import fc from "fast-check";
import { expect, test } from "vitest";
import { isProofOf, makeDesktopKey, type ProofFacts, signProof } from "./desktop-proof.ts";

const { publicKey, privateKey } = makeDesktopKey();
const FACTS: ProofFacts = {
  purpose: "prove",
  nonce: "bm9uY2U",
  host: "recorder.contoso.com",
  publicKey,
  device: "PC-1",
  osUser: "ann",
};

test("a signature holds for what was signed", () => {
  expect(isProofOf(FACTS, signProof(privateKey, FACTS))).toBe(true);
});

test.each<[string, Partial<ProofFacts>]>([
  ["another purpose", { purpose: "enrol" }],
  ["another challenge", { nonce: "bm9uY2V" }],
  ["another host", { host: "evil.example" }],
  ["another key", { publicKey: makeDesktopKey().publicKey }],
  ["a key that is none", { publicKey: "AA" }],
  ["another device", { device: "PC-2" }],
  ["another OS user", { osUser: "bob" }],
])("and not for %s", (_title, change) => {
  expect(isProofOf({ ...FACTS, ...change }, signProof(privateKey, FACTS))).toBe(false);
});

test("no text can move from one field into the next", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), fc.nat(), (device, osUser, cut) => {
      const at = cut % (device.length + 1);
      const moved = { device: device.slice(0, at), osUser: device.slice(at) + osUser };
      const signature = signProof(privateKey, { ...FACTS, device, osUser });
      expect(isProofOf({ ...FACTS, ...moved }, signature)).toBe(moved.device === device);
    }),
  );
});

test("whatever the signature, it is only refused", () => {
  fc.assert(fc.property(fc.string(), (signature) => !isProofOf(FACTS, signature)));
});
