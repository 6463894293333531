import { defineConfig } from "vitest/config";

/** `unit`: pure, no I/O, fast. `io`: real disk, SQLite, sockets, ffmpeg, mediasoup. */
export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{apps,shared,build,e2e}/**/*.test.ts"],
          exclude: ["**/*.io.test.ts", "**/node_modules/**"],
          setupFiles: ["build/test/fixed-seed.ts"],
          testTimeout: 5_000,
        },
      },
      {
        extends: true,
        test: {
          name: "io",
          include: ["{apps,shared,build,e2e}/**/*.io.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
