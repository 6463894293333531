import { manifestSchema } from "#shared/archive/manifest.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { EpochMs } from "#shared/time/units.ts";
import type { ArchiveChain } from "./archive-chain.ts";
import { MANIFEST_FILE } from "./places.ts";
import { sha256Of } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";
import { walkInteractions } from "./walk.ts";

/**
 * Begins a chain over what an archive without key holds: its manifests stay as they are, their hashes become the first
 * entry. From then on a change of them is found like any other.
 *
 * @throws DeskreelError `BAD_CHAIN` when one is signed: then there was a chain, and somebody has taken it away.
 */
export async function adoptUnsigned(
  storage: ArchiveStorage,
  chain: ArchiveChain,
  log: Log,
  now: EpochMs,
): Promise<void> {
  const manifests: { place: string; sha256: string }[] = [];
  for await (const { versions } of walkInteractions(storage, () => {})) {
    for (const version of versions) {
      const place = `${version.place}/${MANIFEST_FILE}`;
      const bytes = version.entries.has(MANIFEST_FILE) ? await storage.read(place) : null;
      if (bytes === null) continue;
      if (isSigned(bytes.toString())) {
        throw new DeskreelError(
          "BAD_CHAIN",
          `${storage.locate(place)} is signed, but ${storage.root} has no chain that it could be in; bring the folder chain back from a copy of the archive`,
        );
      }
      manifests.push({ place, sha256: sha256Of(bytes) });
    }
  }
  if (manifests.length === 0) return;
  await chain.note({ kind: "adopted", manifests }, now);
  log.info({ manifests: manifests.length }, "unsigned manifests adopted into the archive's chain");
}

function isSigned(text: string): boolean {
  try {
    return manifestSchema.parse(JSON.parse(text)).signature !== undefined;
  } catch {
    // No manifest at all: `verify` says what is wrong with it, and it must not keep the adapter from running.
    return false;
  }
}
