import { globSync } from "node:fs";
import { join } from "node:path";
import { type Manifest, manifestSchema } from "#shared/archive/manifest.ts";
import type { Site } from "./site.ts";
import { waitFor } from "./wait.ts";

/** A manifest as the API shows it. */
export type ReadableInteraction = Manifest & { flags: { legalHold: boolean } };

/** Where an interaction is read from. */
export type ReplayAddress = Pick<Site, "adapterUrl" | "tokens">;

/** The interaction as it is readable over HTTP now, or null. */
export async function readInteraction(
  site: ReplayAddress,
  interactionId: string,
): Promise<ReadableInteraction | null> {
  const response = await fetch(`${site.adapterUrl}/v1/interactions/${interactionId}`, {
    headers: { authorization: `Bearer ${site.tokens.viewer}` },
  });
  if (response.status === 404) return null;
  if (!response.ok) throw new Error(`the adapter answered ${response.status}: ${await response.text()}`);
  const { flags, ...manifest } = (await response.json()) as ReadableInteraction;
  return { ...manifestSchema.parse(manifest), flags };
}

/** Waits until the interaction is readable and `until` holds for it. */
export function waitForInteraction(
  site: ReplayAddress,
  interactionId: string,
  until: (interaction: ReadableInteraction) => boolean,
  options: { withinMs: number; everyMs?: number; signal?: AbortSignal },
): Promise<ReadableInteraction> {
  return waitFor(
    `interaction ${interactionId}`,
    async () => {
      const interaction = await readInteraction(site, interactionId);
      return interaction !== null && until(interaction) ? interaction : null;
    },
    options,
  );
}

/**
 * An interaction's folder in the archive. It lies under the date of the first version, which need not be this one's:
 * so it is looked for.
 */
export function versionFolder(archiveDir: string, { interactionId, version }: Manifest): string {
  const [folder] = globSync(`*/*/*/${interactionId}/v${version}`, { cwd: archiveDir });
  if (folder === undefined) throw new Error(`${archiveDir} has no version ${version} of ${interactionId}`);
  return join(archiveDir, folder);
}
