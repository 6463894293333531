import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findShortage, type SpaceFacts } from "./space-policy.ts";

const limits = { reserveBytes: 1_000, quotaBytes: 5_000 };
const roomy: SpaceFacts = { freeBytes: 9_000, freeFiles: 90_000, bufferBytes: 100 };

describe("room in the call buffer", () => {
  test.each<[title: string, facts: Partial<SpaceFacts>, wasShort: boolean, kind: string | null]>([
    ["enough of everything", {}, false, null],
    ["exactly the reserve", { freeBytes: 1_000 }, false, null],
    ["a byte less than the reserve", { freeBytes: 999 }, false, "reserve"],
    ["the reserve again, but no more", { freeBytes: 1_000 }, true, "reserve"],
    ["not quite a tenth more than the reserve", { freeBytes: 1_099 }, true, "reserve"],
    ["a tenth more than the reserve", { freeBytes: 1_100 }, true, null],
    ["exactly the quota", { bufferBytes: 5_000 }, false, null],
    ["a byte more than the quota", { bufferBytes: 5_001 }, false, "quota"],
    ["the quota again, but no less", { bufferBytes: 5_000 }, true, "quota"],
    ["a tenth less than the quota", { bufferBytes: 4_500 }, true, null],
    ["a size that is not measured yet", { bufferBytes: null }, false, null],
    ["bytes, but hardly any file left", { freeFiles: 499 }, false, "files"],
    ["files come back, but not enough", { freeFiles: 549 }, true, "files"],
    ["a file system that does not count files", { freeFiles: null }, false, null],
    ["neither reserve nor quota is kept", { freeBytes: 1, bufferBytes: 9_999 }, false, "reserve"],
  ])("%s", (_, facts, wasShort, kind) => {
    expect(findShortage({ ...roomy, ...facts }, limits, wasShort)?.kind ?? null).toBe(kind);
  });

  test("says what was found, the limit, and from where on it is enough", () => {
    expect(findShortage({ ...roomy, freeBytes: 1_050 }, limits, true)).toEqual({
      ...{ kind: "reserve", found: 1_050, limit: 1_000 },
      goesOnAt: 1_100,
    });
  });

  test("without reserve and quota it is never short, however full the disk is", () => {
    const none = { reserveBytes: 0, quotaBytes: null };
    const full = { freeBytes: 0, freeFiles: 0, bufferBytes: 1e12 };
    expect([findShortage(full, none, false), findShortage(full, none, true)]).toEqual([null, null]);
  });

  test("what is enough to go on is never short at the same moment", () => {
    const bytes = fc.nat(20_000);
    fc.assert(
      fc.property(bytes, bytes, fc.nat(2_000), (freeBytes, bufferBytes, freeFiles) => {
        const facts = { freeBytes, bufferBytes, freeFiles };
        if (findShortage(facts, limits, true) === null) expect(findShortage(facts, limits, false)).toBeNull();
      }),
    );
  });
});
