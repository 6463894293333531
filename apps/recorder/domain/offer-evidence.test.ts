import { describe, expect, test } from "vitest";
import { judgeOffers, type Offer } from "./offer-evidence.ts";

/** An offer at second `offered`; null: not, or not yet. */
function offer(offered: number, joined: number | null, left: number | null, isClosed = false): Offer {
  const ms = (seconds: number | null) => (seconds === null ? null : seconds * 1_000);
  return { offeredAt: offered * 1_000, joinedAt: ms(joined), leftAt: ms(left), isClosed };
}

/** A leg that rang at second 10, and ended at 30 unless told otherwise. */
function judge(offers: Offer[], endedAt: number | null = 30) {
  return judgeOffers(offers, { startedAt: 10_000, endedAt: endedAt === null ? null : endedAt * 1_000 });
}

describe("one offer", () => {
  test.each([
    ["taken, and not left", offer(10, 15, null), "joined"],
    ["taken, and left since", offer(10, 15, 30), "answered"],
    ["taken; its row was not told that the call is over", offer(10, 15, null, true), "answered"],
    ["not taken, and over", offer(10, null, 30), "not-answered"],
    ["not taken, and the call is over", offer(10, null, null, true), "not-answered"],
    ["not taken yet", offer(10, null, null), "unknown"],
  ] as const)("%s", (_, row, evidence) => {
    expect(judge([row])).toBe(evidence);
  });
});

test("no offer at all is unknown, never not-answered", () => {
  expect(judge([])).toBe("unknown");
});

describe("of several offers", () => {
  test("those count that lasted while the leg did", () => {
    expect(judge([offer(0, 1, 5), offer(10, null, 30)])).toBe("not-answered");
    expect(judge([offer(10, null, 30), offer(40, 45, null)])).toBe("not-answered");
    expect(judge([offer(0, null, 5), offer(10, 12, 30)])).toBe("answered");
  });

  test("one that begins in the second in which the leg ended counts only where there is no other", () => {
    expect(judge([offer(10, null, 30), offer(30, 33, null)])).toBe("not-answered");
    expect(judge([offer(30, 33, null)])).toBe("joined");
  });

  test("one that was taken makes it answered, one that goes on leaves it open", () => {
    expect(judge([offer(10, null, 20), offer(20, 25, null)], null)).toBe("joined");
    expect(judge([offer(10, null, 20), offer(21, null, null)], null)).toBe("unknown");
  });

  test("none within the leg is unknown", () => {
    expect(judge([offer(0, null, 5), offer(50, null, 60)])).toBe("unknown");
  });
});
