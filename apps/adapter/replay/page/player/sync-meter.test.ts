import { expect, test } from "vitest";
import { SyncMeter } from "./sync-meter.ts";

test("the last ten seconds count, without their worst twentieth", () => {
  const meter = new SyncMeter();
  expect([meter.newestMs, meter.p95Ms]).toEqual([null, null]);
  meter.note(0, 900);
  for (let index = 1; index <= 100; index++) meter.note(9_000 + index * 20, index % 2 === 0 ? index : -index);
  expect([meter.newestMs, meter.p95Ms]).toEqual([100, 95]);
  meter.forget();
  expect(meter.p95Ms).toBeNull();
});
