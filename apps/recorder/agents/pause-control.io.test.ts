import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLog } from "#shared/runtime/log.ts";
import { type CallBuffer, openCallBuffer } from "../call-buffer/call-buffer.ts";
import { AgentDirectory } from "./agent-directory.ts";
import { PauseControl } from "./pause-control.ts";
import { eventually } from "../testing/eventually.ts";

let folder: string;
let buffer: CallBuffer;
let names: AgentDirectory;
let pauses: PauseControl;
/** What the capture side was told, without repetitions. */
let told: string[];
const clock = { time: 10_000, now: () => clock.time };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-pauses-"));
  buffer = await openCallBuffer(folder);
  names = new AgentDirectory({ buffer, clock, log: silentLog() });
  told = [];
  pauses = open(buffer);
});
afterEach(async () => {
  pauses[Symbol.dispose]();
  names[Symbol.dispose]();
  buffer[Symbol.dispose]();
  await rm(folder, { recursive: true, force: true });
});

function open(catalogue: Pick<CallBuffer, "pauses" | "commit">): PauseControl {
  const tell = (word: string) => {
    if (told.at(-1) !== word) told.push(word);
  };
  const capture = {
    pause: (agent: string) => tell(`pause ${agent}`),
    resume: (agent: string) => tell(`resume ${agent}`),
  };
  return new PauseControl({ buffer: catalogue, capture, names, clock, log: silentLog(), maxPauseS: 60 });
}

describe("a pause", () => {
  test("holds before it is stored, and its end only after that is stored", async () => {
    const asked = pauses.pause("ann", "card number", "admin");
    expect([told, pauses.of("ann")]).toEqual([["pause ann"], null]);
    await asked;
    const ending = pauses.resume("ann", "admin");
    expect([told, pauses.of("ann")]).toEqual([["pause ann"], expect.anything()]);
    await ending;
    expect([told, pauses.of("ann")]).toEqual([["pause ann", "resume ann"], null]);
  });

  test("that is asked for while another one ends is never let go of", async () => {
    await pauses.pause("ann", "first card", "admin");
    await Promise.all([pauses.resume("ann", "admin"), pauses.pause("ann", "second card", "admin")]);
    expect([told, pauses.of("ann")?.reason]).toEqual([["pause ann"], "second card"]);
    expect(buffer.pauses.between("ann", 0, null)).toHaveLength(2);
  });

  test("that cannot be stored is none", async () => {
    pauses[Symbol.dispose]();
    pauses = open({ pauses: buffer.pauses, commit: () => Promise.reject(new Error("disk is full")) });
    await expect(pauses.pause("ann", "card number", "admin")).rejects.toThrow("disk is full");
    expect(told).toEqual(["pause ann", "resume ann"]);
  });

  test("is of the person: it goes along when two agents become one", async () => {
    names.resolve("ann", "event");
    names.resolve("ann-pc", "desktop");
    await pauses.pause("ann-pc", "card number", "admin");
    names.learn(["ann", "ann-pc"], "dynamics");
    await eventually(() => expect(pauses.of("ann")?.reason).toBe("card number"));
    expect(told).toEqual(["pause ann-pc", "resume ann-pc", "pause ann"]);
  });

  test("that is on its way into the catalogue while its agent becomes part of another is that one's", async () => {
    names.resolve("ann", "event");
    names.resolve("ann-pc", "desktop");
    pauses[Symbol.dispose]();
    const { promise: isMerged, resolve: merged } = Promise.withResolvers<void>();
    names.onMerged(() => merged());
    pauses = open({
      pauses: buffer.pauses,
      commit: async (changes) => {
        await isMerged;
        return buffer.commit(changes);
      },
    });
    const asked = pauses.pause("ann-pc", "card number", "admin");
    names.learn(["ann", "ann-pc"], "dynamics");
    expect((await asked).agent).toBe("ann");
    expect([told.at(-2), told.at(-1), pauses.of("ann-pc")]).toEqual(["pause ann", "resume ann-pc", null]);
    await pauses.resume("ann-pc", "admin");
    expect([told.at(-1), pauses.of("ann")]).toEqual(["resume ann", null]);
  });
});
