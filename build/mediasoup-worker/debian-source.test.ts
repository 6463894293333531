import { expect, test } from "vitest";
import { addressesIn, toSourceList } from "./debian-source.mjs";

const POLICY = `libssl-dev:
  Installed: 3.0.22
  Candidate: 3.0.22
  Version table:
 *** 3.0.22 500
        500 http://archive.test/debian-security bookworm-security/main amd64 Packages
        100 /var/lib/dpkg/status
     3.0.20 500
        500 http://archive.test/debian bookworm/main amd64 Packages
`;
const ADDRESSES = new Set(["http://archive.test/debian-security", "http://archive.test/debian"]);

test("the archives that offer a package are those in its version table", () => {
  expect(addressesIn(POLICY)).toEqual(ADDRESSES);
});

test("a stanza of Debian's archive becomes one of sources with the same key; a third party's is left out", () => {
  const text = `Types: deb
# a snapshot
URIs: http://archive.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://vendor.test/apt
Suites: bookworm
Components: main
`;
  expect(toSourceList("debian.sources", text, ADDRESSES)).toBe(`Types: deb-src
URIs: http://archive.test/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`);
});

test("the one-line format is turned likewise", () => {
  const text = `# deb http://archive.test/debian sid main
deb [signed-by=/k.gpg] http://archive.test/debian/ bookworm main
deb-src http://archive.test/debian bookworm main
deb https://vendor.test/apt bookworm main
`;
  expect(toSourceList("sources.list", text, ADDRESSES)).toBe(
    "deb-src [signed-by=/k.gpg] http://archive.test/debian/ bookworm main\n",
  );
});

test("a list without an entry of Debian's archive is empty", () => {
  expect(toSourceList("vendor.list", "deb https://vendor.test/apt x main\n", ADDRESSES)).toBe("");
});
