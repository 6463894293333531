import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openCallBuffer } from "./call-buffer.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-buffer-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe("opening the call buffer", () => {
  test("makes the folder and a catalogue whose commits are on the disk", async () => {
    using buffer = await openCallBuffer(join(folder, "new", "buffer"));
    expect(buffer.counts()).toEqual({ open: 0, waiting: 0 });
    using catalogue = Object.assign(new Database(join(buffer.folder, "catalog.db")), {
      [Symbol.dispose]() {
        catalogue.close();
      },
    });
    expect(catalogue.pragma("journal_mode", { simple: true })).toBe("wal");
  });

  test("is refused while another recorder runs on it, and possible again afterwards", async () => {
    {
      using _first = await openCallBuffer(folder);
      await expect(openCallBuffer(folder)).rejects.toMatchObject({
        code: "BUFFER_IN_USE",
        message: expect.stringMatching(folder),
      });
    }
    using second = await openCallBuffer(folder);
    second.check();
  });

  test.each([
    [
      "a file where the folder should be",
      async () => {
        await rm(folder, { recursive: true });
        await writeFile(folder, "");
      },
    ],
    [
      "a catalogue that is none",
      () => writeFile(join(folder, "catalog.db"), "no database, just text ".repeat(99)),
    ],
  ])("names the folder and the key to change for %s", async (_, breakIt) => {
    await breakIt();
    await expect(openCallBuffer(folder)).rejects.toMatchObject({
      code: "BUFFER_UNUSABLE",
      message: expect.stringMatching("recorder.bufferDir"),
    });
  });

  test("refuses the catalogue of a newer recorder and leaves it alone", async () => {
    {
      using _made = await openCallBuffer(folder);
    }
    const catalogue = new Database(join(folder, "catalog.db"));
    catalogue.pragma("user_version = 99");
    catalogue.close();
    await expect(openCallBuffer(folder)).rejects.toMatchObject({ code: "BUFFER_TOO_NEW" });
  });
});

test("a track is found again by desktop, display and codec, with its number and hash chain", async () => {
  using buffer = await openCallBuffer(folder);
  const catalogue = new Database(join(folder, "catalog.db"));
  catalogue
    .prepare(
      `INSERT INTO recordings (id, agent, call_session_id, leg, phase, started_at, notes)
       VALUES ('r', 'ann', 's', 1, 'kept', 0, '[]')`,
    )
    .run();
  catalogue.close();
  const facts = {
    recordingId: "r",
    desktop: "PC",
    display: "1",
    codec: "vp9" as const,
    width: 64,
    height: 64,
    openedAt: 0.5,
  };
  const { capture } = buffer;
  expect(capture.openTrack(facts)).toEqual({ trackId: "1", nextSegment: 1, previousSha256: null });
  expect(capture.openTrack({ ...facts, display: "2" }).trackId).toBe("2");
  const sha256 = "a".repeat(64);
  const size = { frames: 1, bytes: 1, width: 64, height: 64 };
  capture.addSegment("r", "1", {
    id: "000001",
    startedAt: 1,
    durationMs: 5,
    sha256,
    previousSha256: null,
    ...size,
  });
  expect(capture.openTrack(facts)).toEqual({ trackId: "1", nextSegment: 2, previousSha256: sha256 });
});
