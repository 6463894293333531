import { writeFile } from "node:fs/promises";
import { expect, test } from "../../fixtures/test.ts";

test("a test that passes", async ({ evidence }) => {
  evidence.note("nothing is wrong");
});

test.describe("a group's", () => {
  test("test that fails (in a call, on purpose)", async ({ site, dynamics, desktop, call, replay }) => {
    const secrets = [...Object.values(site.tokens), dynamics.clientSecret];
    await writeFile(process.env["SECRETS_FILE"] ?? "", JSON.stringify(secrets));
    await desktop();
    await call.ring();
    await call.connect();
    await call.captured();
    await replay();
    const { phase } = await call.recording();
    expect(phase, `the viewer's token is ${site.tokens.viewer}`).toBe("discarded");
  });
});
