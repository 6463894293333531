import { expect, test } from "vitest";
import { DataverseError } from "#shared/dataverse/dataverse-error.ts";
import { PatientRows } from "./patient-rows.ts";
import type { RowSource, RowsRead } from "./row-source.ts";

const ROWS: RowsRead = { rows: [], readAt: 7_000 };
const PATIENCE = { withinMs: 300, backoff: { firstMs: 1, mostMs: 20 } };

function failed(status: number | null, retryAfterMs: number | null = null): DataverseError {
  return new DataverseError("FAILED", `status ${status}`, { status, retryAfterMs });
}

/** Reads from a source that fails like that, each fault once, then answers; how it ended, and after how many tries. */
async function readThrough(...faults: Error[]): Promise<{ result: unknown; tries: number }> {
  let tries = 0;
  const source: RowSource = {
    read: () => {
      const fault = faults[tries];
      tries += 1;
      return fault === undefined ? Promise.resolve(ROWS) : Promise.reject(fault);
    },
  };
  const reading = new PatientRows(source, PATIENCE).read("session", { all: true }, AbortSignal.any([]));
  return { result: await reading.catch((error: unknown) => error), tries };
}

test.each([null, 200, 429, 500, 503])("status %s may pass, so it is read again", async (status) => {
  expect(await readThrough(failed(status), failed(status))).toEqual({ result: ROWS, tries: 3 });
});

test.each([400, 401, 403, 404])("status %s will not pass, so it is not read again", async (status) => {
  const result = failed(status);
  expect(await readThrough(result)).toEqual({ result, tries: 1 });
});

test("a fault of ours is not read again", async () => {
  const result = new TypeError("ours");
  expect(await readThrough(result)).toEqual({ result, tries: 1 });
});

test("a short pause that is asked for is kept", async () => {
  const beganAt = performance.now();
  expect(await readThrough(failed(429, 100))).toEqual({ result: ROWS, tries: 2 });
  // Timers may fire a millisecond early.
  expect(performance.now() - beganAt).toBeGreaterThan(98);
});

test("a long pause is for the round", async () => {
  const result = failed(429, 60_000);
  expect(await readThrough(result)).toEqual({ result, tries: 1 });
});

test("faults that last are for the round, after some tries", async () => {
  const { result, tries } = await readThrough(...Array.from({ length: 300 }, () => failed(503)));
  expect(result).toBeInstanceOf(DataverseError);
  expect(tries).toBeGreaterThan(3);
});

test("a read that is given up is not read again", async () => {
  const end = new AbortController();
  let tries = 0;
  const source: RowSource = {
    read: () => {
      tries += 1;
      end.abort();
      return Promise.reject(failed(null));
    },
  };
  const reading = new PatientRows(source, PATIENCE).read("session", { all: true }, end.signal);
  await expect(reading).rejects.toThrow("status null");
  expect(tries).toBe(1);
});

test("a read that nobody waits for is not begun", async () => {
  let tries = 0;
  const source: RowSource = {
    read: () => {
      tries += 1;
      return Promise.resolve(ROWS);
    },
  };
  const reading = new PatientRows(source, PATIENCE).read("session", { all: true }, AbortSignal.abort());
  await expect(reading).rejects.toBeInstanceOf(DataverseError);
  expect(tries).toBe(0);
});
