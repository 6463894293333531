import { expect, test } from "vitest";
import { parseTags } from "./note-tags.ts";

test.each([
  ["", []],
  [" , ,", []],
  ["refund", ["refund"]],
  ["refund, #follow up ,refund", ["refund", "follow up"]],
  ["Refund, refund", ["refund"]],
])("tags of %j", (text, expected) => {
  expect(parseTags(text)).toEqual(expected);
});
