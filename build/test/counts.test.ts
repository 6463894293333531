import { expect, test } from "vitest";
import { addCounts, closingLine, countPlaywright, countVitest } from "./counts.ts";

test("the closing line names skipped tests only where there are some", () => {
  expect(closingLine({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(closingLine({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});

test("a test file that does not load counts as one failure", () => {
  const broken = { status: "failed", assertionResults: [] };
  const wrong = { status: "failed", assertionResults: [{ status: "failed" }] };
  const report = { numPassedTests: 4, numFailedTests: 1, numPendingTests: 0, numTodoTests: 1 };
  expect(countVitest({ ...report, testResults: [broken, wrong] })).toEqual({
    passed: 4,
    failed: 2,
    skipped: 1,
  });
});

test("a test that passed when tried again counts as passed, an error outside any test as a failure", () => {
  const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 2 };
  expect(countPlaywright({ stats, errors: [{}] })).toEqual({ passed: 6, failed: 2, skipped: 2 });
});

test("counts of two runners are added", () => {
  const one = { passed: 1, failed: 2, skipped: 3 };
  expect(addCounts(one, one)).toEqual({ passed: 2, failed: 4, skipped: 6 });
});
