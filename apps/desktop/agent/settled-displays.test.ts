import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Display } from "#shared/protocol/messages.ts";
import { settledDisplays } from "./settled-displays.ts";

const FIRST: Display = { id: "1", width: 1920, height: 1080, scale: 1, primary: true };
const SECOND: Display = { id: "2", width: 1280, height: 720, scale: 1.5, primary: false };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Monitors that the test plugs; `change` also tells of it, as Electron does, or not. */
function plugBoard() {
  let displays = [FIRST];
  const heard = new Set<() => void>();
  const told: Display[][] = [];
  const settled = settledDisplays({
    displays: () => displays,
    onChange(listener) {
      heard.add(listener);
      return () => heard.delete(listener);
    },
  });
  const stop = settled.onChange(() => told.push(settled.displays()));
  const tell = () => {
    for (const listener of heard) listener();
  };
  return {
    told,
    heard,
    stop,
    tell,
    set(next: Display[]) {
      displays = next;
    },
    change(next: Display[]) {
      displays = next;
      tell();
    },
  };
}

test("a storm of events is one change: the state at its end", () => {
  const board = plugBoard();
  board.change([]);
  vi.advanceTimersByTime(50);
  board.change([SECOND]);
  vi.advanceTimersByTime(50);
  board.change([FIRST, SECOND]);
  expect(board.told).toEqual([]);
  vi.advanceTimersByTime(250);
  expect(board.told).toEqual([[FIRST, SECOND]]);
});

test("a storm that does not end is looked into all the same", () => {
  const board = plugBoard();
  for (let passedMs = 0; passedMs < 1_100; passedMs += 100) {
    board.change([{ ...FIRST, width: 1000 + passedMs }]);
    vi.advanceTimersByTime(100);
  }
  expect(board.told.map(([display]) => display?.width)).toEqual([1_900]);
});

test("events after which everything is as before are none", () => {
  const board = plugBoard();
  board.change([]);
  board.change([FIRST]);
  board.tell();
  vi.advanceTimersByTime(5_000);
  expect(board.told).toEqual([]);
});

test("another primary monitor, of which there is no event, is noticed", () => {
  const board = plugBoard();
  board.change([FIRST, SECOND]);
  vi.advanceTimersByTime(250);
  const swapped = [
    { ...FIRST, primary: false },
    { ...SECOND, primary: true },
  ];
  board.set(swapped);
  vi.advanceTimersByTime(2_500);
  expect(board.told).toEqual([[FIRST, SECOND], swapped]);
});

test("whoever stops listening is told nothing more, and nothing goes on", () => {
  const board = plugBoard();
  board.change([FIRST, SECOND]);
  board.stop();
  vi.advanceTimersByTime(10_000);
  expect(board.told).toEqual([]);
  expect(board.heard.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
