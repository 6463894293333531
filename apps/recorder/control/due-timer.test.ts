import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { DueTimer } from "./due-timer.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Due times with a wall clock that can be set apart from the time that passes. */
function openTimer(...due: number[]) {
  const rig = { stepMs: 0, due: [...due], ran: [] as number[], faults: 0 };
  const startedAt = performance.now();
  const clock = { now: () => performance.now() - startedAt + rig.stepMs };
  const timer = new DueTimer({
    name: "test",
    clock,
    log: silentLog(),
    nextAt: () => (rig.due.length > 0 ? Math.min(...rig.due) : null),
    runDue(now) {
      if (rig.faults > 0) {
        rig.faults -= 1;
        throw new Error("disk is gone");
      }
      rig.ran.push(...rig.due.filter((at) => at <= now));
      rig.due = rig.due.filter((at) => at > now);
    },
  });
  timer.arm();
  return Object.assign(rig, { timer });
}

describe("a timer for due times", () => {
  test("runs each once, when it is due", () => {
    const rig = openTimer(5_000, 200_000);
    vi.advanceTimersByTime(4_999);
    expect(rig.ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(rig.ran).toEqual([5_000]);
    vi.advanceTimersByTime(194_999);
    expect(rig.ran).toEqual([5_000]);
    vi.advanceTimersByTime(100_000);
    expect(rig.ran).toEqual([5_000, 200_000]);
  });

  test("runs within 10 s what a clock that was set forward has made due", () => {
    const rig = openTimer(3_600_000);
    vi.advanceTimersByTime(1_000);
    rig.stepMs = 3_600_000;
    vi.advanceTimersByTime(10_000);
    expect(rig.ran).toEqual([3_600_000]);
  });

  test("runs nothing early or twice when the clock was set back", () => {
    const rig = openTimer(20_000, 30_000);
    vi.advanceTimersByTime(20_000);
    rig.stepMs = -20_000;
    vi.advanceTimersByTime(29_999);
    expect(rig.ran).toEqual([20_000]);
    vi.advanceTimersByTime(10_001);
    expect(rig.ran).toEqual([20_000, 30_000]);
  });

  test("tries again in a while when it fails", () => {
    const rig = openTimer(1_000);
    rig.faults = 2;
    vi.advanceTimersByTime(10_999);
    expect(rig.ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(rig.ran).toEqual([1_000]);
  });

  test("sleeps when nothing is due, until it is armed", () => {
    const rig = openTimer();
    expect(vi.getTimerCount()).toBe(0);
    rig.due.push(1_000);
    rig.timer.arm();
    vi.advanceTimersByTime(1_000);
    expect(rig.ran).toEqual([1_000]);
  });

  test("runs nothing more once it is disposed of", () => {
    const rig = openTimer(1_000);
    rig.timer[Symbol.dispose]();
    rig.timer.arm();
    vi.advanceTimersByTime(60_000);
    expect(rig.ran).toEqual([]);
  });
});
