import { defineConfig } from "@playwright/test";

/** The end-to-end tests: real recorder, adapter, Electron and browser; only Dynamics is simulated. */
export default defineConfig({
  testDir: "./specs",
  outputDir: "../test-results",
  // Each test runs real screens and a real worker: two at once would measure each other.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 240_000,
  forbidOnly: true,
});
