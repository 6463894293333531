import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CLOSE_CODES, desktopMessageSchema, recorderMessageSchema } from "./messages.ts";

test("docs/PROTOCOL.md names every message and every close code", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/PROTOCOL.md"), "utf8");
  const types = [...desktopMessageSchema.options, ...recorderMessageSchema.options].map(
    (option) => `\`${option.shape.t.value}\``,
  );
  const codes = Object.values(CLOSE_CODES).map((code) => `| ${code} `);
  expect([...types, ...codes].filter((name) => !text.includes(name))).toEqual([]);
});
