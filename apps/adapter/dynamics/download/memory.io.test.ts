import { join } from "node:path";
import { rm, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { run } from "#shared/runtime/subprocess.ts";
import type { FileBytes } from "../../../../e2e/dynamics/dataverse/dataverse-store.ts";
import type { FaultSettingsInput } from "../../../../e2e/dynamics/faults/fault-settings.ts";
import { openEnvironment } from "../testing/environment.ts";

const MB = 1 << 20;
/** The most that msdyn_recording may hold. */
const LARGEST_BYTES = 512 * MB;
const GROWS_AT_MOST_BYTES = 64 * MB;

/** A sound of any length that takes no memory: the same megabyte again and again. */
class EndlessSound implements FileBytes {
  readonly byteLength: number;
  readonly #piece = Buffer.alloc(2 * MB, "sound of a very long call ");

  constructor(byteLength: number) {
    this.byteLength = byteLength;
  }

  subarray(from: number, to: number): Uint8Array {
    if (to - from <= MB) return this.#piece.subarray(from % MB, (from % MB) + to - from);
    return Buffer.concat(
      Array.from({ length: Math.ceil((to - from) / MB) }, (_, index) =>
        this.subarray(from + index * MB, Math.min(to, from + (index + 1) * MB)),
      ),
    );
  }
}

/** What an adapter has fetched before. */
const SMALL_BYTES = 16 * MB;

const TORN: FaultSettingsInput = { blob: [{ fault: "torn", afterBytes: 200 * MB, next: 2 }] };
const BLOCKS: FaultSettingsInput = { links: false, webApi: [{ fault: "forbidden", path: "$value" }] };

test.each<[string, number, "cold" | "warm", FaultSettingsInput]>([
  ["of 512 MB that breaks off twice", LARGEST_BYTES, "warm", TORN],
  ["of 512 MB that breaks off twice, the first after a start,", LARGEST_BYTES, "cold", TORN],
  ["of 512 MB by $value, the first after a start,", LARGEST_BYTES, "cold", { links: false }],
  ["of 128 MB in blocks", 128 * MB, "warm", BLOCKS],
])("a recording %s takes at most 64 MB of memory", async (_title, bytes, state, { blob = [], ...faults }) => {
  await using environment = await openEnvironment({ faults });
  const { simulator, folder } = environment;
  const { tables, url, tenantId, clientId } = simulator;
  const conversation = tables.addConversation({ startedAt: 0, closedAt: 1_000 });
  const add = (length: number): [string, string] => {
    const sourceId = tables.addRecording(conversation, { format: "wav", bytes: new EndlessSound(length) });
    return [sourceId, String(tables.row("msdyn_ocrecordings", sourceId)?.["msdyn_recording"])];
  };
  const [small, large] = [add(SMALL_BYTES), add(bytes)];
  simulator.faults.set({ blob: blob.map((rule) => ({ ...rule, path: large[1] })) });
  const config = join(folder, "deskreel.yaml");
  const section = { url, authority: url, tenantId, clientId, clientSecretFile: "secret" };
  await writeFile(config, JSON.stringify({ dynamics: section }));
  const main = join(import.meta.dirname, "../testing/download-main.ts");
  const path = join(folder, "sound");
  const first = state === "warm" ? small : ["", ""];
  const text = await run(process.execPath, [main, config, path, ...first, ...large]);
  await rm(path);
  const fetched = JSON.parse(text.toString()) as { bytes: number; grownBytes: number };
  expect(fetched.bytes).toBe(bytes);
  expect(fetched.grownBytes).toBeLessThanOrEqual(GROWS_AT_MOST_BYTES);
  process.stdout.write(`memory grew by ${Math.round(fetched.grownBytes / MB)} MB\n`);
});
