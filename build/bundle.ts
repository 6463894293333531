import { bundleDesktop } from "./bundle-desktop.ts";
import { bundleReplay } from "./bundle-replay.ts";

/** Bundles what runs in a browser or in Electron; the servers run unbuilt. */
export async function bundleAll(): Promise<void> {
  await Promise.all([bundleDesktop(), bundleReplay()]);
}

if (import.meta.main) {
  const [desktop] = await Promise.all([bundleDesktop(), bundleReplay()]);
  process.stdout.write(`dist/desktop: ${desktop.files.join(", ")}\ndist/replay\n`);
}
