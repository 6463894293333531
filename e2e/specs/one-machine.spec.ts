import { join } from "node:path";
import { REPOSITORY } from "../../build/repository.ts";
import { expect, test } from "../fixtures/test.ts";
import { freePort } from "../rig/ports.ts";
import { startProgram } from "../rig/program.ts";

test("npm start -- --once runs everything, and its last line tells of the call", async ({ folder }) => {
  const [http, ops, media, page, adapterOps] = await Promise.all([1, 2, 3, 4, 5].map(() => freePort()));
  const tokensFile = join(folder, "recorder-tokens.json");
  const settings = {
    RECORDER__HTTP__PORT: http,
    RECORDER__OPS__PORT: ops,
    RECORDER__WEBRTC__PORT: media,
    RECORDER__BUFFER_DIR: join(folder, "buffer"),
    RECORDER__TOKENS_FILE: tokensFile,
    ADAPTER__HTTP__PORT: page,
    ADAPTER__OPS__PORT: adapterOps,
    ADAPTER__DATA_DIR: join(folder, "adapter"),
    ADAPTER__TOKENS_FILE: join(folder, "adapter-tokens.json"),
    ADAPTER__ARCHIVE__URL: `file:${join(folder, "archive")}`,
    ADAPTER__RECORDERS: JSON.stringify([{ url: `http://127.0.0.1:${http}`, tokenFile: tokensFile }]),
  };
  const env = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`DESKREEL_${name}`, String(value)]),
  );
  const lines: string[] = [];
  await using started = await startProgram(
    "npm start",
    process.execPath,
    [join(REPOSITORY, "build/start/main.ts"), "--once"],
    { cwd: REPOSITORY, env, onLine: (line) => lines.push(line) },
  );
  expect(await started.ended, started.tail()).toEqual({ code: 0, signal: null });
  const summary = JSON.parse(lines.at(-1) ?? "") as { archivePath: string };
  expect(summary).toMatchObject({ screens: 1, audioParts: 2, coverage: "recorded" });
  expect(summary.archivePath.startsWith(join(folder, "archive"))).toBe(true);
});
