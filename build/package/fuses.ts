import {
  type FuseConfig,
  FuseState,
  FuseV1Options,
  FuseVersion,
  flipFuses,
  getCurrentFuseWire,
} from "@electron/fuses";

/** A fuse by the name that Electron gives it. */
export type Fuse = keyof typeof FuseV1Options;

/**
 * What the shipped app can be made to do from outside: nothing that it does not do by itself. Every fuse is set, also
 * those that stand right already, so that a new Electron's other default changes nothing.
 */
export const FUSES: Readonly<Record<Fuse, boolean>> = {
  // Else ELECTRON_RUN_AS_NODE makes our signed binary run anybody's script.
  RunAsNode: false,
  EnableNodeOptionsEnvironmentVariable: false,
  // Else --inspect, or SIGUSR1, opens the main process to every program of this user.
  EnableNodeCliInspectArguments: false,
  // Of effect on Windows and macOS; Electron has nothing to tie it to on Linux, where the files belong to root.
  EnableEmbeddedAsarIntegrityValidation: true,
  OnlyLoadAppFromAsar: true,
  EnableCookieEncryption: true,
  // We make no V8 snapshot of our own.
  LoadBrowserProcessSpecificV8Snapshot: false,
  // The page comes over a scheme of its own; file:// is of no use to it.
  GrantFileProtocolExtraPrivileges: false,
  // How V8 keeps WebAssembly inside its memory. None runs here; off, it would only be checked more slowly.
  WasmTrapHandlers: true,
};

/** Sets every fuse that an Electron binary has (an older one has fewer); throws where {@link FUSES} lacks one. */
export async function setFuses(binary: string): Promise<void> {
  const known = await readFuses(binary);
  const names = Object.keys(FUSES) as Fuse[];
  const wanted = names.filter((name) => name in known).map((name) => [FuseV1Options[name], FUSES[name]]);
  // Its type asks for the newest Electron's fuses; which of them are there only the binary says.
  const config = {
    ...Object.fromEntries(wanted),
    version: FuseVersion.V1,
    strictlyRequireAllFuses: true,
  } as FuseConfig;
  await flipFuses(binary, config);
}

/** Reads a binary's fuses back: on, off, or of no effect any more (null). */
export async function readFuses(binary: string): Promise<Partial<Record<Fuse, boolean | null>>> {
  const wire = await getCurrentFuseWire(binary);
  const names = Object.keys(FUSES) as Fuse[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const state = wire[FuseV1Options[name]];
      if (state === undefined) return [];
      return [[name, state === FuseState.REMOVED ? null : state === FuseState.ENABLE]];
    }),
  );
}
