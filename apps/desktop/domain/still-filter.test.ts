import fc from "fast-check";
import { expect, test } from "vitest";
import {
  changedFilter,
  passFrame,
  SENT_AGAIN_AFTER_MS,
  SHARPENED_AFTER_MS,
  type StillFilter,
} from "./still-filter.ts";

/** Which of the frames, five a second, are sent; true = it differs from the one before. */
function sentOf(changes: readonly boolean[]): number[] {
  let filter: StillFilter = changedFilter(0);
  const sent: number[] = [];
  for (const [index, isChanged] of changes.entries()) {
    const at = index * 200;
    const [next, isSent] = passFrame(filter, { isChanged, at });
    filter = next;
    if (isSent) sent.push(at);
  }
  return sent;
}

test("a still picture is sent until it is sharp, and then every four seconds", () => {
  const sent = sentOf(Array.from({ length: 76 }, () => false));
  expect(sent.filter((at) => at <= SHARPENED_AFTER_MS)).toHaveLength(16);
  expect(sent.filter((at) => at > SHARPENED_AFTER_MS)).toEqual([7_000, 11_000, 15_000]);
});

test("no change is ever kept back, and no silence is longer than promised", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 200 }), (changes) => {
      const sent = sentOf(changes);
      for (const [index, isChanged] of changes.entries()) if (isChanged) expect(sent).toContain(index * 200);
      for (const [index, at] of sent.entries())
        expect(at - (sent[index - 1] ?? 0)).toBeLessThanOrEqual(SENT_AGAIN_AFTER_MS);
    }),
  );
});
