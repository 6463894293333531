import { defineConfig } from "vitest/config";
import { PAGE_JSX } from "./build/page-jsx.ts";
import "./build/test/compile-cache.ts";

/**
 * CI shares its machine with others, and tests with real processes wait for them: one that fails there is tried once more
 * and named in the report. Elsewhere it fails at once, so that it is looked into.
 */
const ATTEMPTS_AGAIN = process.env["CI"] ? 1 : 0;

/** `unit`: pure, no I/O, fast. `io`: real disk, SQLite, sockets, ffmpeg, mediasoup. */
export default defineConfig({
  oxc: PAGE_JSX,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{apps,shared,build,e2e}/**/*.test.{ts,tsx}"],
          exclude: ["**/*.io.test.ts", "**/node_modules/**"],
          setupFiles: ["build/test/fixed-seed.ts"],
          testTimeout: 30_000,
          // What is pure leaves nothing behind: one module graph for all files of a worker, instead of one for each.
          isolate: false,
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "io",
          include: ["{apps,shared,build,e2e}/**/*.io.test.ts"],
          // Limits are for what hangs, not for what a busy machine makes slow.
          testTimeout: 180_000,
          hookTimeout: 180_000,
          expect: { poll: { timeout: 20_000 } },
          retry: ATTEMPTS_AGAIN,
          // Loading the modules anew for each file took some 1.5 s of processor time (two were measured): tests end what they start and put back what
          // they change of their process, so the next file finds it as it was.
          isolate: false,
          // Three on two processors: many tests wait for processes. 764 s on CI's like; 871 s with two, before other savings.
          maxWorkers: 3,
        },
      },
    ],
  },
});
