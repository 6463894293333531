import { createHash } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Manifest } from "#shared/archive/manifest.ts";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { scratchFolder } from "../rig/run-site.ts";

const PLACE = "2026/03/02/a1c2/v1";
const USAGE =
  "verify: npm run verify takes one archive: -- FOLDER [--key FILE] [--audit ADAPTER_DB], or -- s3://BUCKET/PREFIX [--key FILE] [--audit ADAPTER_DB] [--endpoint URL] [--region NAME] [--credentials FILE]";
const UNSIGNED =
  "not signed: only files were held against manifests; an adapter that opens this archive signs it";

function manifestOf(content: string, change: Partial<Manifest> = {}): Manifest {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return {
    format: "deskreel.interaction/1",
    interactionId: "a1c2",
    version: 1,
    startedAt: "2026-03-02T10:00:00.000Z",
    endedAt: "2026-03-02T10:01:00.000Z",
    durationMs: 60_000,
    coverage: "recorded",
    call: {},
    agents: [],
    events: [],
    audio: null,
    screens: [],
    files: [{ name: "audio.m4a", bytes: content.length, sha256 }],
    ...change,
  };
}

/** An archive with one good version. */
async function openArchive(): Promise<AsyncDisposable & { root: string; folder: string }> {
  const { path: root, ...scratch } = await scratchFolder();
  const folder = join(root, PLACE);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "audio.m4a"), "sound");
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifestOf("sound")));
  return { root, folder, [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

/** The command as a user runs it. */
async function verify(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const output: string[] = [];
  const program = join(import.meta.dirname, "../verify.ts");
  const code = await run(process.execPath, [program, ...args], {
    onStdout: (chunk) => void output.push(chunk.toString()),
  }).then(
    () => 0,
    (error: unknown) => {
      if (!(error instanceof SubprocessError)) throw error;
      output.push(error.stderr);
      return error.exitCode;
    },
  );
  return { code, lines: output.join("").trim().split("\n") };
}

test("a good archive ends with 0 and one line that says what was looked at", async () => {
  await using archive = await openArchive();
  expect(await verify(archive.root)).toEqual({
    code: 0,
    lines: [UNSIGNED, "1 interactions, 1 versions, 1 files, 5 bytes verified: 0 faults, 0 unfinished"],
  });
});

test.each<[string, (folder: string) => Promise<unknown>, string | RegExp]>([
  [
    "a changed file",
    (folder) => writeFile(join(folder, "audio.m4a"), "soUnd"),
    /^fault: 2026\/03\/02\/a1c2\/v1\/audio\.m4a has sha256 [0-9a-f]{64}, the manifest says [0-9a-f]{64}$/,
  ],
  [
    "a truncated file",
    (folder) => writeFile(join(folder, "audio.m4a"), "sou"),
    `fault: ${PLACE}/audio.m4a has 3 bytes, the manifest says 5`,
  ],
  [
    "a missing file",
    (folder) => rm(join(folder, "audio.m4a")),
    `fault: ${PLACE}/audio.m4a is missing, the manifest lists it`,
  ],
  [
    "a folder in a file's place",
    (folder) => rm(join(folder, "audio.m4a")).then(() => mkdir(join(folder, "audio.m4a"))),
    /^fault: 2026\/03\/02\/a1c2\/v1\/audio\.m4a cannot be read: EISDIR/,
  ],
  [
    "an unlisted file",
    (folder) => writeFile(join(folder, "extra.txt"), "?"),
    `fault: ${PLACE}/extra.txt is not listed in the manifest`,
  ],
  [
    "an unlisted folder",
    (folder) => mkdir(join(folder, "more")),
    `fault: ${PLACE}/more is not listed in the manifest`,
  ],
  [
    "a manifest that is no manifest",
    (folder) => writeFile(join(folder, "manifest.json"), '{"format":"deskreel.interaction/1"}'),
    /^fault: 2026\/03\/02\/a1c2\/v1\/manifest\.json is no manifest: /,
  ],
  [
    "a broken manifest",
    (folder) => writeFile(join(folder, "manifest.json"), "{"),
    /^fault: 2026\/03\/02\/a1c2\/v1\/manifest\.json is not readable: /,
  ],
  [
    "another version's manifest",
    (folder) => writeFile(join(folder, "manifest.json"), JSON.stringify(manifestOf("sound", { version: 2 }))),
    `fault: ${PLACE} holds the manifest of a1c2 version 2`,
  ],
  [
    "something that no version is",
    (folder) => writeFile(join(folder, "../notes.txt"), "?"),
    "fault: 2026/03/02/a1c2/notes.txt is not listed in any manifest",
  ],
  [
    "something on the way to the interactions",
    (folder) => writeFile(join(folder, "../../../notes.txt"), "?"),
    "fault: 2026/03/notes.txt does not belong into an archive",
  ],
])("%s is a fault with a line of its own, and ends with 1", async (_title, damage, line) => {
  await using archive = await openArchive();
  await damage(archive.folder);
  const { code, lines } = await verify(archive.root);
  expect(code).toBe(1);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toEqual(typeof line === "string" ? line : expect.stringMatching(line));
  expect(lines[2]).toMatch(/: 1 faults, 0 unfinished$/);
});

test("a version without manifest is reported and is no fault", async () => {
  await using archive = await openArchive();
  await mkdir(join(archive.folder, "../v2"));
  expect(await verify(archive.root)).toEqual({
    code: 0,
    lines: [
      "unfinished: 2026/03/02/a1c2/v2 has no manifest (no fault)",
      UNSIGNED,
      "1 interactions, 1 versions, 1 files, 5 bytes verified: 0 faults, 1 unfinished",
    ],
  });
});

test.each([
  [["s3://Calls"], 'verify: "s3://Calls" must be s3://BUCKET or s3://BUCKET/PREFIX'],
  [
    ["s3://calls", "--credentials", "/no/such/file"],
    "verify: the credentials file /no/such/file cannot be read: ENOENT: no such file or directory, open '/no/such/file'",
  ],
  [[], USAGE],
  [["a", "b"], USAGE],
  [["a", "--region", "eu-central-1"], USAGE],
  [["--sideways", "a"], expect.stringContaining(`${USAGE}: Unknown option '--sideways'`) as string],
  [
    [".", "--key", "/no/such/key"],
    "verify: --key /no/such/key cannot be used: ENOENT: no such file or directory, open '/no/such/key'",
  ],
  [
    ["/no/such/folder"],
    "verify: /no/such/folder cannot be read: ENOENT: no such file or directory, stat '/no/such/folder'",
  ],
])("verify %j ends with 2 and says why", async (args, line) => {
  expect(await verify(...args)).toEqual({ code: 2, lines: [line] });
});
