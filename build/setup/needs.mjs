// @ts-check
/**
 * @typedef {object} Needs what a command needs besides Node 24
 * @property {boolean} packages npm's, in node_modules
 * @property {readonly (keyof typeof import("./steps/debian-packages.mjs").DEBIAN_PACKAGES)[]} debian
 * @property {boolean} worker mediasoup's
 * @property {boolean} electron
 */

/** @type {Needs} */
const PACKAGES_ONLY = { packages: true, debian: [], worker: false, electron: false };

/** @type {Needs} */
const EVERYTHING = {
  packages: true,
  debian: ["ffmpeg", "speech", "browser", "screen", "session", "certificates"],
  worker: true,
  electron: true,
};

/** The tests also install what is made for Windows. @type {Needs} */
const EVERYTHING_AND_WINDOWS = { ...EVERYTHING, debian: [...EVERYTHING.debian, "msi", "windows"] };

/**
 * The commands that need something else than everything, by how their command line begins.
 * @type {Record<string, Needs>}
 */
const OTHERS = {
  "build/bench/main.ts events": { ...PACKAGES_ONLY, worker: true },
  "build/bench/main.ts webhook": { ...PACKAGES_ONLY, worker: true },
  "build/bench/main.ts catalogue": { ...PACKAGES_ONLY, worker: true },
  "e2e/soak/main.ts budgets": EVERYTHING,
  "e2e/soak/main.ts properties": { ...PACKAGES_ONLY, debian: ["ffmpeg"], worker: true },
  "e2e/soak/main.ts": { ...PACKAGES_ONLY, worker: true },
  "build/check.ts": PACKAGES_ONLY,
  "build/bundle.ts": PACKAGES_ONLY,
  "--exec vitest run --project unit": PACKAGES_ONLY,
  "build/start/call.ts": PACKAGES_ONLY,
  "apps/recorder/main.ts": { ...PACKAGES_ONLY, worker: true },
  "apps/recorder/setup-dynamics.ts": PACKAGES_ONLY,
  "apps/adapter/main.ts": { ...PACKAGES_ONLY, debian: ["ffmpeg"] },
  "apps/adapter/verify.ts": PACKAGES_ONLY,
  "e2e/dynamics/main.ts": { ...PACKAGES_ONLY, debian: ["ffmpeg", "speech"] },
  "build/desktop.ts": { ...PACKAGES_ONLY, debian: ["screen"], electron: true },
  "build/package/main.ts": { ...PACKAGES_ONLY, debian: ["msi"], electron: true },
  "build/test/main.ts": EVERYTHING_AND_WINDOWS,
  "--exec vitest run --project io": EVERYTHING_AND_WINDOWS,
};

/**
 * What a command needs; one that is not in the table gets everything.
 *
 * @param {readonly string[]} argv as run.mjs got it, the script relative to the clone
 * @returns {Needs}
 */
export function needsOf(argv) {
  const line = argv.join(" ");
  const known = Object.keys(OTHERS).find((start) => line === start || line.startsWith(`${start} `));
  return (known && OTHERS[known]) || EVERYTHING;
}
