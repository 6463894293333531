import { expect, test } from "vitest";
import { csvRow } from "./csv.ts";

test.each([
  [["a", 1, null], "a,1,\r\n"],
  [["a,b", 'say "hi"', "two\r\nlines"], '"a,b","say ""hi""","two\r\nlines"\r\n'],
  [["=1+1", "+1", "-1", "@x", "\ttab", -1], "'=1+1,'+1,'-1,'@x,'\ttab,-1\r\n"],
  [['=A1,"x"'], '"\'=A1,""x"""\r\n'],
])("%j is one line of CSV", (cells, line) => {
  expect(csvRow(cells)).toBe(line);
});
