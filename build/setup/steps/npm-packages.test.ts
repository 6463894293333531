import { expect, test } from "vitest";
import { findDrift } from "./npm-packages.mjs";

const LOCK = {
  packages: {
    "": { version: "0.1.0" },
    "node_modules/ws": { version: "8.23.0", integrity: "sha512-a" },
    "node_modules/@esbuild/win32-x64": { version: "0.28.2", integrity: "sha512-b", optional: true },
  },
};

test("an installation without the binaries for other platforms is what is locked", () => {
  const installed = { packages: { "node_modules/ws": { version: "8.23.0", integrity: "sha512-a" } } };
  expect(findDrift(LOCK, installed)).toEqual([]);
});

test("a binary for this platform that the lock does not know is no difference", () => {
  const installed = {
    packages: {
      "node_modules/ws": { version: "8.23.0", integrity: "sha512-a" },
      "node_modules/@biomejs/cli-darwin-arm64": { version: "2.6.8", optional: true },
    },
  };
  expect(findDrift(LOCK, installed)).toEqual([]);
});

test("a missing, another, changed or foreign package is a difference each", () => {
  const lock = {
    packages: {
      ...LOCK.packages,
      "node_modules/zod": { version: "4.6.7" },
      "node_modules/pino": { version: "10.4.0", integrity: "sha512-c" },
    },
  };
  const installed = {
    packages: {
      "node_modules/ws": { version: "8.22.0" },
      "node_modules/pino": { version: "10.4.0", integrity: "sha512-other" },
      "node_modules/left-pad": { version: "1.0.0" },
    },
  };
  expect(findDrift(lock, installed)).toEqual([
    "node_modules/ws: 8.22.0 is there, 8.23.0 is locked",
    "node_modules/zod: 4.6.7 is missing",
    "node_modules/pino: 10.4.0 is there with another content than the one locked",
    "node_modules/left-pad: 1.0.0 is there, but not locked",
  ]);
});
