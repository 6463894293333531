import { expect, onTestFinished, test, vi } from "vitest";
import { type Flushable, FlushTurns } from "./flush-turns.ts";

/** A file that counts its flushes, each of which ends when it is told to. */
class CountingFile implements Flushable {
  flushes = 0;
  static running = 0;
  static most = 0;
  #end: (() => void) | null = null;

  async flush(): Promise<void> {
    this.flushes += 1;
    CountingFile.running += 1;
    CountingFile.most = Math.max(CountingFile.most, CountingFile.running);
    await new Promise<void>((resolve) => (this.#end = resolve));
    CountingFile.running -= 1;
  }

  end(): void {
    this.#end?.();
    this.#end = null;
  }
}

function useFakeTime(): void {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  onTestFinished(() => void vi.useRealTimers());
}

test("a file is flushed about once per interval while it is written to, and not after", async () => {
  useFakeTime();
  const turns = new FlushTurns(1_000, 2);
  const file = new CountingFile();
  for (let step = 0; step < 100; step++) {
    turns.want(file);
    await vi.advanceTimersByTimeAsync(100);
    file.end();
  }
  // The interval is spread between a half and a whole.
  expect(file.flushes).toBeGreaterThanOrEqual(8);
  expect(file.flushes).toBeLessThanOrEqual(20);
  await vi.advanceTimersByTimeAsync(2_000);
  file.end();
  const before = file.flushes;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(file.flushes).toBe(before);
});

test("a slow disk has so many flushes at once, and each file waits once at most", async () => {
  useFakeTime();
  const turns = new FlushTurns(1_000, 3);
  const files = Array.from({ length: 20 }, () => new CountingFile());
  CountingFile.most = 0;
  for (let step = 0; step < 50; step++) {
    for (const file of files) turns.want(file);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(files.reduce((sum, { flushes }) => sum + flushes, 0)).toBe(3);
  for (let round = 0; round < 10; round++) {
    for (const file of files) file.end();
    await vi.advanceTimersByTimeAsync(0);
  }
  expect(files.every(({ flushes }) => flushes === 1 || flushes === 2)).toBe(true);
  expect(CountingFile.most).toBe(3);
});

test("a file that is closed before its turn is not flushed", async () => {
  useFakeTime();
  const turns = new FlushTurns(1_000, 1);
  const files = [new CountingFile(), new CountingFile()];
  for (const file of files) turns.want(file);
  await vi.advanceTimersByTimeAsync(1_200);
  const waiting = files.find(({ flushes }) => flushes === 0);
  if (waiting !== undefined) turns.forget(waiting);
  for (const file of files) file.end();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(files.map(({ flushes }) => flushes).toSorted((a, b) => a - b)).toEqual([0, 1]);
});
