import { expect, test } from "vitest";
import { chooseNames, missingOf, parseInstalled } from "./debian-packages.mjs";

test("a package that was removed but kept its configuration is not installed", () => {
  const listed = "ffmpeg installed 7:5.1.9-0+deb12u1\nxvfb config-files 2:21.1.7-3\n";
  expect(parseInstalled(listed)).toEqual({ ffmpeg: "7:5.1.9-0+deb12u1" });
});

test("of a package whose name differs by release either name will do", () => {
  const wanted = ["ffmpeg", "libasound2t64|libasound2", "libgtk-3-0t64|libgtk-3-0"];
  expect(missingOf(wanted, { libasound2: "1.2.8-1+b1", ffmpeg: "5.1" })).toEqual([
    "libgtk-3-0t64|libgtk-3-0",
  ]);
});

test("the name to install is the one that this release has", () => {
  const policy = [
    "libasound2t64:",
    "  Installed: (none)",
    "  Candidate: 1.2.14-1",
    "  Version table:",
    "     1.2.14-1 500",
    "libasound2:",
    "  Installed: (none)",
    "  Candidate: (none)",
    "  Version table:",
    "libgtk-3-0:",
    "  Installed: (none)",
    "  Candidate: 3.24.38-2~deb12u3",
    "  Version table:",
    "",
  ].join("\n");
  const missing = ["libasound2t64|libasound2", "libgtk-3-0t64|libgtk-3-0", "not-in-any-list"];
  expect(chooseNames(missing, policy)).toEqual(["libasound2t64", "libgtk-3-0", "not-in-any-list"]);
});
