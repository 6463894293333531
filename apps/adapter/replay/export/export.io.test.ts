import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser } from "@playwright/test";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run, SubprocessError } from "#shared/runtime/subprocess.ts";
import { bundleReplay } from "../../../../build/bundle-replay.ts";
import { HAS_FIREFOX, launchFirefox } from "../../../../e2e/rig/firefox.ts";
import { interactionPlace, versionPlace } from "../../archive/places.ts";
import { scratchFolder } from "../../rig/run-site.ts";
import {
  type Driven,
  drivenPage,
  type Evaluates,
  expectInSync,
  launchChromium,
  openPage,
} from "../rig/browser.ts";
import { madeTransfer } from "../rig/made-interactions.ts";
import { makePictureTimes } from "../rig/made-artefacts.ts";
import { makeAudio, makeScreen } from "../rig/made-media.ts";
import { openReplayRig, type ReplayRig, TOKENS, VIEWER } from "../rig/replay-rig.ts";

const PLACE = versionPlace(interactionPlace("transfer-1", Date.UTC(2026, 2, 2)), 1);
const FOLDER = "interaction-transfer-1";

let pageFolder: string;
let rig: ReplayRig;
let browser: Browser;

beforeAll(async () => {
  pageFolder = await mkdtemp(join(tmpdir(), "deskreel-page-"));
  await bundleReplay(pageFolder);
  rig = await openReplayRig({ pageFolder });
  const draft = await rig.archive.beginVersion(PLACE);
  const audio = await makeAudio(draft, "audio.m4a", 12);
  const screens = [
    await makeScreen(draft, "screen-1.mp4", 12),
    await makeScreen(draft, "screen-2.mp4", 6),
  ] as const;
  const made = madeTransfer(audio, screens);
  const files = [...made.files, await makePictureTimes(draft, ["screen-1.mp4", "screen-2.mp4"])];
  const manifest = { ...made, files, call: { ...made.call, customer: "</script><b>Ann & Söhne" } };
  rig.catalogue.put(await rig.archive.finishVersion(PLACE, draft, manifest), PLACE);
  browser = await launchChromium();
});

afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
  await rm(pageFolder, { recursive: true });
});

async function download(id = "transfer-1", headers: Record<string, string> = VIEWER) {
  const answer = await fetch(`${rig.url}/v1/interactions/${id}/export`, { headers });
  return { answer, bytes: Buffer.from(await answer.arrayBuffer()) };
}

/** An export, unzipped by Info-ZIP. */
async function openExport() {
  const scratch = await scratchFolder();
  const { bytes } = await download();
  const zip = join(scratch.path, "x.zip");
  await writeFile(zip, bytes);
  await run("unzip", ["-q", zip, "-d", scratch.path]);
  return { folder: join(scratch.path, FOLDER), [Symbol.asyncDispose]: () => scratch[Symbol.asyncDispose]() };
}

async function verify(...args: string[]): Promise<{ code: number | null; lines: string[] }> {
  const output: string[] = [];
  const code = await run(process.execPath, [join(import.meta.dirname, "../../verify.ts"), ...args], {
    onStdout: (chunk) => void output.push(chunk.toString()),
  }).then(
    () => 0,
    (error: unknown) => {
      if (!(error instanceof SubprocessError)) throw error;
      return error.exitCode;
    },
  );
  return { code, lines: output.join("").trim().split("\n") };
}

test("an export is a zip with media, manifest, viewer, key and how to verify, of the length that it says", async () => {
  const { answer, bytes } = await download("TRANSFER-1");
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/zip",
    "content-length": String(bytes.length),
    "content-disposition": 'attachment; filename="interaction-transfer-1.zip"',
  });
  await using exported = await openExport();
  const files = (await readdir(exported.folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(exported.folder.length + 1));
  expect(files.toSorted()).toEqual([
    `${PLACE}/audio.m4a`,
    `${PLACE}/manifest.json`,
    `${PLACE}/pictures.json`,
    `${PLACE}/screen-1.mp4`,
    `${PLACE}/screen-2.mp4`,
    "VERIFY.txt",
    "export.json",
    "signed/manifest.jcs",
    "signed/manifest.sig",
    "signing-key.pem",
    "viewer.html",
  ]);
  const original = await readFile(join(rig.archive.storage.locate(PLACE), "screen-2.mp4"));
  expect((await readFile(join(exported.folder, PLACE, "screen-2.mp4"))).equals(original)).toBe(true);
});

test("an export verifies by the command, with a key that one trusts too", async () => {
  await using exported = await openExport();
  const trusted = join(rig.archive.storage.root, "signing-key.pem");
  expect(await verify(exported.folder, "--key", trusted)).toEqual({
    code: 0,
    lines: [
      "an export of interaction transfer-1, version 1: the archive's chain is not in it",
      expect.stringMatching(
        /^1 interactions, 1 versions, 4 files, \d+ bytes verified: 0 faults, 0 unfinished$/,
      ),
    ],
  });
});

test.each<[string, (folder: string) => Promise<void>, RegExp]>([
  ["a changed file", (folder) => change(join(folder, PLACE, "screen-1.mp4")), /screen-1\.mp4 has sha256/],
  [
    "a changed manifest",
    (folder) => change(join(folder, PLACE, "manifest.json")),
    /manifest\.json has sha256/,
  ],
  ["a changed viewer", (folder) => change(join(folder, "viewer.html")), /viewer\.html has sha256/],
  ["a changed list", (folder) => change(join(folder, "export.json")), /export\.json /],
  ["another key", (folder) => change(join(folder, "signing-key.pem")), /signing-key\.pem /],
  ["a missing file", (folder) => rm(join(folder, PLACE, "audio.m4a")), /audio\.m4a is missing/],
  ["a missing text", (folder) => rm(join(folder, "VERIFY.txt")), /VERIFY\.txt cannot be read: it has gone/],
  [
    "a missing version",
    (folder) => rm(join(folder, "2026"), { recursive: true }),
    /v1\/manifest\.json cannot/,
  ],
  ["an added file", (folder) => writeFile(join(folder, "more.txt"), "?"), /more\.txt is not listed/],
  ["an added medium", (folder) => writeFile(join(folder, PLACE, "more.txt"), "?"), /more\.txt is not listed/],
  [
    "another version",
    async (folder) => {
      await copyVersion(folder);
    },
    /v2 is not the version that export\.json names/,
  ],
])("%s in an export is found", async (_title, damage, line) => {
  await using exported = await openExport();
  await damage(exported.folder);
  const { code, lines } = await verify(exported.folder);
  expect({ code, lines }).toEqual({
    code: 1,
    lines: expect.arrayContaining([expect.stringMatching(line)]) as string[],
  });
});

async function copyVersion(folder: string): Promise<void> {
  await run("cp", ["-r", join(folder, PLACE), join(folder, PLACE.replace(/1$/, "2"))]);
}

/** One bit in the middle. */
async function change(path: string): Promise<void> {
  const bytes = await readFile(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(path, bytes);
}

/** The commands of VERIFY.txt that need nothing of Deskreel, as a shell runs them. */
async function runCommands(folder: string): Promise<string[]> {
  const text = await readFile(join(folder, "VERIFY.txt"), "utf8");
  const commands = [...text.matchAll(/^ {4}(.+)$/gm)]
    .map(([, command = ""]) => command)
    .filter((command) => !command.startsWith("npm "))
    .map((command) => command.replaceAll("/tmp/deskreel-sums", join(folder, "../sums")));
  const outputs: string[] = [];
  for (const command of commands) {
    const output = await run("sh", ["-c", command], { cwd: folder }).catch((error: unknown) => {
      if (!(error instanceof SubprocessError)) throw error;
      return `failed: ${error.stderr}`;
    });
    outputs.push(output.toString().trim());
  }
  return outputs;
}

test("VERIFY.txt's commands verify an export with OpenSSL and sha256sum alone", async () => {
  await using exported = await openExport();
  expect(await runCommands(exported.folder)).toEqual([
    rig.signingKey.keyId,
    "Signature Verified Successfully",
    "audio.m4a: OK\nscreen-1.mp4: OK\nscreen-2.mp4: OK\npictures.json: OK",
  ]);
  await change(join(exported.folder, PLACE, "screen-1.mp4"));
  await change(join(exported.folder, "signed/manifest.jcs"));
  const [, signature, files] = await runCommands(exported.folder);
  expect(signature).toContain("failed");
  expect(files).toMatch(/failed|FAILED/);
});

test("the exported viewer plays all from the disk on one clock, and seeks, with no server and no network", async () => {
  await using exported = await openExport();
  await using watched = await openPage(browser);
  const { page, faults } = watched;
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(join(exported.folder, "viewer.html")).href);
  expect(await page.locator(".facts").textContent()).toContain("</script><b>Ann & Söhne");
  expect(await page.locator(".tile").count()).toBe(2);
  expect(await page.locator(".back, .trust").count()).toBe(0);

  await page.getByRole("button", { name: "Play" }).click();
  await expect.poll(() => audioAt(page)).toBeGreaterThan(2);
  await expectInSync(page, { "screen-1.mp4": 0 });
  await page.getByRole("button", { name: "00:05 Connected · Bob Lee" }).click();
  await expect.poll(() => audioAt(page)).toBeGreaterThan(6);
  await expectInSync(page, { "screen-1.mp4": 0, "screen-2.mp4": 4_000 });

  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator(".cover.gap").first().click();
  await page.locator('[data-file="screen-2.mp4"]').getByText("No picture: connection lost").waitFor();
  await expect.poll(() => hasPicture(page, "screen-1.mp4")).toBe(true);
  await expectSteps(drivenPage(page));
  expect(faults).toEqual([]);
  expect(asked.filter((url) => !url.startsWith("file:"))).toEqual([]);
});

test.skipIf(!HAS_FIREFOX)("the exported viewer plays and seeks so in Firefox too", async () => {
  await using exported = await openExport();
  await using firefox = await launchFirefox();
  const viewer = pathToFileURL(join(exported.folder, "viewer.html")).href;
  await firefox.goto(viewer);
  const buttons = `[...document.querySelectorAll("button")]`;
  const named = (name: string) =>
    `${buttons}.find((each) => (each.ariaLabel ?? each.textContent).replaceAll(/\\s+/g, " ").includes("${name}"))`;
  expect(await firefox.evaluate(`document.querySelector(".facts").textContent`)).toContain(
    "</script><b>Ann & Söhne",
  );

  // Where there is no sound device Firefox gives up sound after two seconds, unless nobody is to hear it.
  await firefox.evaluate(`document.querySelector("audio").muted = true`);
  await firefox.click(named("Play"));
  await expect.poll(() => audioAt(firefox)).toBeGreaterThan(2);
  await expectInSync(firefox, { "screen-1.mp4": 0 });
  await firefox.click(named("Connected · Bob Lee"));
  await expect.poll(() => audioAt(firefox)).toBeGreaterThan(6);
  await expectInSync(firefox, { "screen-1.mp4": 0, "screen-2.mp4": 4_000 });
  expect(await hasPicture(firefox, "screen-2.mp4")).toBe(true);
  await expectSteps(firefox);

  expect(firefox.requests.filter((url) => !url.startsWith("file:"))).toEqual([]);
  // A request that is made is told of: the list is empty for no other reason.
  await firefox.goto(`${rig.url}/`);
  expect(firefox.requests).toContain(`${rig.url}/`);
});

async function audioAt(page: Evaluates): Promise<number> {
  return Number(await page.evaluate(`document.querySelector("audio").currentTime`));
}

/** A page from the disk knows when the pictures begin: a step goes a little into the next one, wherever it begins. */
async function expectSteps(driven: Driven): Promise<void> {
  // What is played stops.
  await driven.press(".");
  await driven.evaluate(`location.hash = "#t=2.05"`);
  const video = `document.querySelector('[data-file="screen-1.mp4"] video')`;
  const at = () => driven.evaluate(`${video}.seeking ? -1 : Math.round(${video}.currentTime * 1000)`);
  await expect.poll(at).toBe(2_050);
  await driven.press(".");
  await expect.poll(at).toBe(2_201);
  for (let step = 0; step < 2; step++) await driven.press(",");
  await expect.poll(at).toBe(1_801);
}

/** Whether a frame of the screen has been decoded and is shown. */
async function hasPicture(page: Evaluates, file: string): Promise<unknown> {
  return await page.evaluate(`(() => {
    const video = document.querySelector('[data-file="${file}"] video');
    return video.readyState >= video.HAVE_CURRENT_DATA && video.videoWidth === 640 && video.error === null;
  })()`);
}

test("an export is in the audit, and one that is not whole is refused with what is missing", async () => {
  const admin = { Authorization: `Bearer ${TOKENS.admin}` };
  await download("transfer-1", admin);
  const audit = (await (await fetch(`${rig.url}/v1/audit`, { headers: admin })).json()) as {
    items: object[];
  };
  expect(audit.items[0]).toMatchObject({
    who: "admin",
    action: "exported",
    interactionId: "transfer-1",
    detail: "from 127.0.0.1",
    sequence: null,
  });
  expect((await download("none")).answer.status).toBe(404);
  expect((await download("transfer-1", {})).answer.status).toBe(401);
  const file = join(rig.archive.storage.locate(PLACE), "screen-2.mp4");
  await copyFile(file, `${file}.kept`);
  await writeFile(file, "short");
  const { answer, bytes } = await download();
  expect(answer.status).toBe(500);
  expect(bytes.toString()).toContain("v1/screen-2.mp4 has 5 bytes instead of");
  await copyFile(`${file}.kept`, file);
  await rm(`${file}.kept`);
});
