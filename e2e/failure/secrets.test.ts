import { expect, test } from "vitest";
import { hideSecretKeys, hideSecrets } from "./secrets.ts";

test("a secret becomes stars wherever it is, also one within another, and the bytes around it stay", () => {
  const bytes = Buffer.concat([
    Buffer.of(0, 255, 128),
    Buffer.from('k="abcdefgh-long" abcdefgh short'),
    Buffer.of(200),
  ]);
  const hidden = hideSecrets(bytes, ["abcdefgh", "short", "abcdefgh-long"]);
  expect(hidden).toEqual(
    Buffer.concat([Buffer.of(0, 255, 128), Buffer.from('k="*************" ******** short'), Buffer.of(200)]),
  );
});

test("a configuration keeps the files that its secrets lie in, and loses the secrets", () => {
  const yaml =
    "desktop:\n  enrollmentToken: abc\n  serverUrl: ws://x\nrecorder:\n  tokensFile: /a/b\n  webhookKey: k\n";
  expect(hideSecretKeys(yaml)).toBe(
    "desktop:\n  enrollmentToken: ***\n  serverUrl: ws://x\nrecorder:\n  tokensFile: /a/b\n  webhookKey: *\n",
  );
});
