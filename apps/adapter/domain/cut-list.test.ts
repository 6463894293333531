import fc from "fast-check";
import { expect, test } from "vitest";
import { cutAtKeys, type ListedPiece, type PieceFile } from "./cut-list.ts";

const whole: PieceFile = { path: "/s1", holdMs: 4_000 };
const card: PieceFile = { path: "/card", holdMs: 3_000 };
const rest: PieceFile = { path: "/s1", fromMs: 7_000, holdMs: 5_000 };

test.each<[string, PieceFile[], (number | null)[], ListedPiece[]]>([
  ["files that are shown whole are left as they are", [whole, card], [], [whole, card]],
  [
    "a file is cut at the key picture",
    [whole, card, rest],
    [null, null, 7_000],
    [{ ...whole, toMs: 7_000 }, card, rest],
  ],
  [
    "the key picture keeps its own time where the plan is wrong by some ms, and so does what follows",
    [whole, card, rest],
    [null, null, 7_015],
    [
      { ...whole, toMs: 7_015 },
      { ...card, holdMs: 3_015 },
      { ...rest, fromMs: 7_015, holdMs: 4_985 },
    ],
  ],
  [
    "without a key picture there is no card, and the file goes on",
    [whole, card, card, rest, { path: "/s2", holdMs: 9_000 }],
    [],
    [
      { path: "/s1", holdMs: 15_000 },
      { path: "/s2", holdMs: 9_000 },
    ],
  ],
  [
    "a key picture after the part's end is none of it",
    [whole, card, { ...rest, holdMs: 30 }],
    [null, null, 7_030],
    [{ path: "/s1", holdMs: 7_030 }],
  ],
  [
    "of three parts the second may be one with the first",
    [whole, card, rest, card, { path: "/s1", fromMs: 15_000, holdMs: 1_000 }],
    [null, null, null, null, 15_000],
    [{ path: "/s1", holdMs: 12_000, toMs: 15_000 }, card, { path: "/s1", fromMs: 15_000, holdMs: 1_000 }],
  ],
])("%s", (_title, pieces, keys, expected) => {
  expect(cutAtKeys(pieces, keys)).toEqual(expected);
});

test("whatever keys there are, the length stays, and each picture of a file is in one part of it", () => {
  const part = fc.record({
    cardMs: fc.integer({ min: 1_000, max: 5_000 }),
    holdMs: fc.integer({ min: 26, max: 5_000 }),
    keyAwayMs: fc.option(fc.integer({ min: -100, max: 100 })),
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const pieces: PieceFile[] = [{ path: "/s1", holdMs: 1_000 }];
      const keys: (number | null)[] = [null];
      let at = 1_000;
      for (const { cardMs, holdMs, keyAwayMs } of parts) {
        at += cardMs;
        pieces.push({ path: "/card", holdMs: cardMs }, { path: "/s1", fromMs: at, holdMs });
        keys.push(null, keyAwayMs === null ? null : at + keyAwayMs);
        at += holdMs;
      }
      const length = (some: readonly PieceFile[]) => some.reduce((sum, { holdMs }) => sum + holdMs, 0);
      const given = structuredClone(pieces);
      const listed = cutAtKeys(pieces, keys);
      expect(pieces).toEqual(given);
      expect(length(listed)).toBe(length(pieces));
      let position = 0;
      let shownTo: number | undefined = 0;
      for (const { path, fromMs = 0, toMs, holdMs } of listed) {
        if (path === "/s1") {
          expect(fromMs).toBe(shownTo);
          // In this file a picture's time is its place in the joined one.
          expect(position).toBe(fromMs);
          shownTo = toMs;
        }
        expect(holdMs).toBeGreaterThan(0);
        position += holdMs;
      }
      expect(shownTo).toBeUndefined();
    }),
  );
});
