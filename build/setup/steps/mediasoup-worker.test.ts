import { expect, test } from "vitest";
import { WORKER_LIBRARIES } from "../../mediasoup-worker/build-worker.mjs";
import { PLATFORM } from "../step.mjs";
import { builtKey, chooseWorker } from "./mediasoup-worker.mjs";

const libraries = Object.fromEntries(WORKER_LIBRARIES.map((name) => [name, "1.0"]));
const wanted = { version: "3.27.1", recipe: "cafe", libraries };
const built = builtKey("3.27.1", "cafe", libraries);
const prebuilt = `3.27.1-${PLATFORM}-prebuilt`;

test("a downloaded worker is taken before one that was built", () => {
  expect(chooseWorker([built, prebuilt], wanted)).toBe(prebuilt);
});

test("a worker that was built of other libraries than those installed is built anew", () => {
  const upgraded = { ...libraries, "libssl-dev": "1.1" };
  expect(chooseWorker([built], { ...wanted, libraries: upgraded })).toBeUndefined();
});

test("where the libraries are not installed, any worker of this recipe serves", () => {
  expect(chooseWorker([built], { ...wanted, libraries: {} })).toBe(built);
});

test("a worker of another version or recipe never serves", () => {
  const others = [builtKey("3.27.0", "cafe", libraries), builtKey("3.27.1", "beef", libraries)];
  expect(chooseWorker(others, wanted)).toBeUndefined();
  expect(chooseWorker(others, { ...wanted, libraries: {} })).toBeUndefined();
});
