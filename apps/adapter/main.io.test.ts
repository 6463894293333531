import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listenHttp } from "#shared/http/listen.ts";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { scratchFolder } from "./rig/run-site.ts";

/** The program until it ends by itself. */
async function runMain(folder: string, config: string): Promise<{ code: number | null; text: string }> {
  const file = join(folder, "deskreel.yaml");
  await writeFile(file, config);
  const error = await run(process.execPath, [join(import.meta.dirname, "main.ts"), "--config", file]).catch(
    (reason: unknown) => reason,
  );
  if (!(error instanceof SubprocessError)) throw new Error("the adapter ended without an error");
  return { code: error.exitCode, text: error.stderr };
}

test.each([
  [
    "a port that is none",
    "adapter: { http: { port: 99999 } }",
    "adapter.http.port: found 99999; must be 0 to 65535",
  ],
  [
    "a bucket that is none",
    "adapter: { archive: { url: s3://b } }",
    '"s3://b" must be s3://BUCKET or s3://BUCKET/PREFIX',
  ],
  ["a file that is no YAML", "adapter: {", "must be valid YAML"],
])(
  "%s is a fault of the configuration: told without a stack trace, exit code 2",
  async (_title, config, text) => {
    await using scratch = await scratchFolder();
    const ended = await runMain(scratch.path, config);
    expect(ended.code).toBe(2);
    expect(ended.text).toContain(text);
    expect(ended.text).not.toMatch(/\n\s+at /);
  },
);

test("a taken port names its holder", async () => {
  await using scratch = await scratchFolder();
  await using taken = await listenHttp("the test", { host: "127.0.0.1", port: 0 }, () => {});
  const ended = await runMain(scratch.path, `adapter: { http: { port: ${taken.port} }, ops: { port: 0 } }`);
  expect(ended.code).toBe(1);
  expect(ended.text).toMatch(
    new RegExp(`cannot listen on 127\\.0\\.0\\.1:${taken.port}: .*pid ${process.pid}`),
  );
});
