import fc from "fast-check";
import { expect, test } from "vitest";
import { describeHop, type Hop, parseProxyList, parseProxyUrl } from "./proxy-hops.ts";

const names = (hops: readonly (Hop | null)[]) => hops.map((hop) => (hop === null ? null : describeHop(hop)));

test.each([
  ["DIRECT", ["direct"]],
  ["PROXY proxy.contoso.com:8080", ["http://proxy.contoso.com:8080"]],
  [
    "PROXY a:3128; HTTPS b:8443; SOCKS5 c:1081; DIRECT",
    ["http://a:3128", "https://b:8443", "socks5://c:1081", "direct"],
  ],
  ["PROXY a; HTTPS b; SOCKS5 c", ["http://a:80", "https://b:443", "socks5://c:1080"]],
  ["PROXY [2001:db8::1]:8080;PROXY [::1]", ["http://[2001:db8::1]:8080", "http://[::1]:80"]],
  ["  proxy   a:1 ;; direct ;", ["http://a:1", "direct"]],
  ["HTTP 10.0.0.1:8080", ["http://10.0.0.1:8080"]],
  // What a WebSocket cannot go by, and what is nonsense.
  ["SOCKS a:1080; QUIC b:443; DIRECT", ["direct"]],
  ["PROXY; PROXY a:b; PROXY a:0; PROXY a:65536; PROXY a:1 b; PROXY ::1:80; DIRECT x; FISH a:1", []],
  ["", []],
])("of %j the ways are %j", (text, expected) => {
  expect(names(parseProxyList(text))).toEqual(expected);
});

test.each([
  ["http://proxy.contoso.com:8080", "http://proxy.contoso.com:8080"],
  ["http://proxy/", "http://proxy:80"],
  ["https://proxy", "https://proxy:443"],
  ["socks5://[::1]:1081", "socks5://[::1]:1081"],
  ["ftp://proxy", null],
  ["http://user:hush@proxy:80", null],
  ["http://proxy/path", null],
  ["proxy:8080", null],
  ["direct", null],
])("the configured proxy %s is %s", (text, expected) => {
  expect(names([parseProxyUrl(text)])).toEqual([expected]);
});

test("whatever a script answers is read without a fault, and what is read is read the same again", () => {
  const piece = fc.constantFrom(
    "PROXY",
    "HTTPS",
    "SOCKS5",
    "DIRECT",
    " ",
    ";",
    ":",
    "a",
    "[::1]",
    "8080",
    "0",
    "\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      for (const hop of parseProxyList(pieces.join("")))
        if (hop.kind !== "direct") expect(parseProxyUrl(describeHop(hop))).toEqual(hop);
    }),
  );
});
