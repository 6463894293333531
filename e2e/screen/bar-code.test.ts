import fc from "fast-check";
import { expect, test } from "vitest";
import { BAR_CODE_CELLS, decodeBarCode, encodeBarCode } from "./bar-code.ts";

const instants = fc.integer({ min: 1_600_000_000_000, max: 2 ** 42 - 1 });

test("every instant is read back from its cells", () => {
  fc.assert(fc.property(instants, (at) => decodeBarCode(encodeBarCode(at)) === at));
});

test("a single wrong cell is never read as another instant", () => {
  fc.assert(
    fc.property(instants, fc.nat(BAR_CODE_CELLS - 1), (at, index) => {
      const cells = encodeBarCode(at);
      cells[index] = !cells[index];
      expect(decodeBarCode(cells)).toBeNull();
    }),
  );
});

test("the code of one screen is none of another's", () => {
  fc.assert(
    fc.property(instants, fc.nat(4), fc.nat(4), (at, shown, read) => {
      expect(decodeBarCode(encodeBarCode(at, shown), read)).toBe(shown === read ? at : null);
    }),
  );
});
