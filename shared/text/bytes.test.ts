import { expect, test } from "vitest";
import { formatBytes } from "./bytes.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_023, "1 KiB"],
  [1_536, "1.5 KiB"],
  [10_435, "10.2 KiB"],
  [2_048 * 1_048_576, "2 GiB"],
  [2_252 * 1_048_576, "2.2 GiB"],
  [150 * 1_048_576, "150 MiB"],
  [1_000 * 1_048_576, "0.98 GiB"],
  [5 * 1_024 ** 4, "5 TiB"],
  [5_000 * 1_024 ** 4, "5000 TiB"],
])("%d bytes are written as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
