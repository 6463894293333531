import { defineConfig } from "@playwright/test";
import "../build/test/compile-cache.ts";

/** The end-to-end tests: real recorder, adapter, Electron and browser; only Dynamics is simulated. */
export default defineConfig({
  testDir: "./specs",
  outputDir: "../test-results",
  // Most of a test is a call that takes its time: two at once are as quick as one.
  workers: 2,
  // Tests share nothing but a worker's display, so none waits for another one of its file.
  fullyParallel: true,
  // As with vitest's io tests: CI shares its machine with others, and the report names what passed only the second time.
  retries: process.env["CI"] ? 1 : 0,
  timeout: 240_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
});
