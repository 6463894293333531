import { expect, test } from "vitest";
import { clockOffsetMs } from "./clock-offset.ts";

const NOON = Date.UTC(2026, 2, 2, 12);

test.each([
  ["in step", "Mon, 02 Mar 2026 12:00:00 GMT", NOON + 400, NOON + 600, 0],
  ["ahead", "Mon, 02 Mar 2026 12:00:05 GMT", NOON + 400, NOON + 600, 5_000],
  ["behind", "Mon, 02 Mar 2026 11:59:58 GMT", NOON + 400, NOON + 600, -2_000],
  ["in step, over a slow line", "Mon, 02 Mar 2026 12:00:02 GMT", NOON, NOON + 5_000, 0],
])("a server that is %s", (_, date, sentAt, answeredAt, offsetMs) => {
  expect(clockOffsetMs(date, { sentAt, answeredAt })).toBe(offsetMs);
});

test.each([null, "", "soon"])("no offset comes from the header %j", (date) => {
  expect(clockOffsetMs(date, { sentAt: NOON, answeredAt: NOON })).toBeNull();
});
