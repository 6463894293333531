/** What `npm run adapter -- COMMAND` does while the adapter itself is stopped. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { AdapterConfig } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import { Archive } from "./archive/archive.ts";
import { InteractionCatalogue } from "./archive/catalogue.ts";
import { Custody } from "./archive/custody.ts";
import { type ReindexReport, reindexArchive } from "./archive/reindex.ts";
import { describeDue, listDue } from "./archive/retention-run.ts";
import { openSigningKey } from "./archive/signing-key.ts";
import { openStorage } from "./archive/storage/open-storage.ts";
import { noteConfiguration } from "./jobs/note-configuration.ts";
import { deleteDue } from "./jobs/retention-loop.ts";
import { lockData } from "./store/data-lock.ts";
import { openDatabase } from "./store/database.ts";
import { createStores } from "./store/stores.ts";

/** Shorter work needs no word in between. */
const SAY_EVERY_MS = 2_000;

export interface CommandOptions {
  adapter: AdapterConfig;
  log: Log;
  /** A line for whoever runs it. */
  say: (line: string) => void;
}

/**
 * Makes the catalogue, legal holds and deletions anew from the archive alone.
 *
 * @param isAnew - do not go on with one that was broken off.
 * @returns how many manifests cannot be read.
 * @throws DeskreelError `ADAPTER_RUNS`
 */
export async function reindex(options: CommandOptions, isAnew = false): Promise<number> {
  await using data = await openData(options);
  const { archive, catalogue, stores, custody } = data;
  const say = (line: string) => options.say(`reindex: ${line}`);
  say(`the catalogue in ${options.adapter.dataDir} is made anew from ${archive.storage.root}`);
  const progress = { saidAt: performance.now(), said: 0 };
  const report: ReindexReport = {
    onResume: (after, interactions) => {
      progress.said = interactions;
      say(
        `goes on after ${after}, where one was broken off with ${interactions} interactions (--anew begins again)`,
      );
    },
    onFault: (place, fault) => say(`${place} cannot be read: ${fault}`),
    onProgress: (interactions, at) => {
      const tookMs = performance.now() - progress.saidAt;
      if (tookMs < SAY_EVERY_MS) return;
      const perSecond = Math.round(((interactions - progress.said) * 1_000) / tookMs);
      Object.assign(progress, { saidAt: performance.now(), said: interactions });
      say(`${interactions} interactions so far, ${perSecond} a second, at ${at}`);
    },
  };
  const { interactions, dropped, faults } = await reindexArchive(
    archive.storage,
    catalogue,
    stores,
    report,
    isAnew,
  );
  stores.transaction(() => stores.custody.reset());
  await custody.follow();
  stores.transaction(() => stores.reindex.end());
  say(`${interactions} interactions are in the catalogue, ${dropped} were dropped, ${faults} cannot be read`);
  return faults;
}

/**
 * Deletes what the rules say now, or only says what that would be.
 *
 * @throws DeskreelError `ADAPTER_RUNS` unless it is a dry run.
 */
export async function applyRetention(options: CommandOptions, isDryRun: boolean): Promise<void> {
  const rules = options.adapter.archive.retention;
  const say = (line: string) => options.say(`retention: ${line}`);
  if (isDryRun) {
    await mkdir(options.adapter.dataDir, { recursive: true });
    using database = openDatabase(join(options.adapter.dataDir, "adapter.db"));
    const { custody } = createStores(database);
    let due = 0;
    for await (const interaction of listDue(new InteractionCatalogue(database), custody, rules, Date.now())) {
      due += 1;
      say(`would delete ${describeDue(interaction)}`);
    }
    say(`${due} interactions would be deleted by ${rules.length} rule(s)`);
    return;
  }
  await using data = await openData(options);
  // A rule may be another one than what the adapter ran with, and here it deletes.
  noteConfiguration(data.stores, { adapter: options.adapter }, data.clock.now());
  say(`${await deleteDue({ ...data, rules, log: options.log })} interactions were deleted`);
  await data.custody.anchorAudit();
}

async function openData({ adapter: config, log }: CommandOptions) {
  await using opened = new AsyncDisposableStack();
  await mkdir(config.dataDir, { recursive: true });
  opened.use(lockData(config.dataDir));
  const clock = new WallClock();
  const key = await openSigningKey(config.archive.signingKeyFile);
  const storage = opened.use(await openStorage(config));
  const archive = await Archive.open(storage, key, log, clock.now());
  const database = opened.use(openDatabase(join(config.dataDir, "adapter.db")));
  const stores = createStores(database);
  const catalogue = new InteractionCatalogue(database);
  const custody = new Custody({ archive, catalogue, stores, dataDir: config.dataDir, clock, log });
  const owned = opened.move();
  return { archive, catalogue, stores, custody, clock, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
