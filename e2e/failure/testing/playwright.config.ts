import { defineConfig } from "@playwright/test";

/** For `failure-folder.io.test.ts`, which runs a test that fails and looks at what it leaves. */
export default defineConfig({ testDir: ".", timeout: 240_000, workers: 1 });
