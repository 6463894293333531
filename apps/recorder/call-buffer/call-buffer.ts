import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Log, silentLog } from "#shared/runtime/log.ts";
import { AgentNameStore } from "./agent-name-store.ts";
import { CaptureStore } from "./capture-catalogue.ts";
import { Checkpoints } from "./checkpoints.ts";
import { ClockStepStore } from "./clock-step-store.ts";
import { openBuffer, type OpenBuffer } from "./database.ts";
import { DesktopStore } from "./desktop-store.ts";
import { DynamicsRetention } from "./dynamics-retention.ts";
import { DynamicsRows } from "./dynamics-rows.ts";
import { EnrollmentTokenStore } from "./enrollment-token-store.ts";
import { Erasure } from "./erasure.ts";
import { EventStore } from "./event-store.ts";
import { GroupCommit } from "./group-commit.ts";
import { ClockShift } from "./keeping-clock.ts";
import { LedgerReader } from "./ledger-reader.ts";
import { LeaseStore } from "./lease-store.ts";
import { LegStore } from "./leg-store.ts";
import { LiveReader } from "./live-reader.ts";
import { PauseStore } from "./pause-store.ts";
import { RecordingFactsReader } from "./recording-facts.ts";
import { RecordingReader } from "./recording-reader.ts";
import { SegmentFaults } from "./segment-faults.ts";
import { SegmentFiles } from "./segment-files.ts";
import { StrayStore } from "./stray-store.ts";
import { TrackReader } from "./track-reader.ts";
import { WordStore, WordUpkeep } from "./word-store.ts";
import { WebhookPosts } from "./webhook-posts.ts";
import { WriteAheadLog } from "./write-ahead-log.ts";

/** The recorder's store: SCN segment files and the catalogue of all that is known. */
export interface CallBuffer extends Disposable {
  readonly folder: string;
  /** Resolves when the disk has failed in a way that only a new start can sort out. */
  readonly failed: Promise<Error>;
  readonly agentNames: AgentNameStore;
  readonly events: EventStore;
  readonly legs: LegStore;
  readonly capture: CaptureStore;
  readonly clockSteps: ClockStepStore;
  readonly desktops: DesktopStore;
  readonly enrollmentTokens: EnrollmentTokenStore;
  readonly pauses: PauseStore;
  readonly recordings: RecordingReader;
  readonly strays: StrayStore;
  readonly posts: WebhookPosts;
  readonly dynamics: DynamicsRows;
  readonly dynamicsRetention: DynamicsRetention;
  readonly ledger: LedgerReader;
  readonly words: WordStore;
  readonly leases: LeaseStore;
  readonly live: LiveReader;
  readonly clockShift: ClockShift;
  readonly segments: SegmentFiles;
  readonly tracks: TrackReader;
  readonly segmentFaults: SegmentFaults;
  readonly erasure: Erasure;
  /** Runs changes as one: all of them are durable when it returns, or none is. */
  inTransaction<Result>(changes: () => Result): Result;
  /**
   * The same for whoever can wait: resolves once the changes are durable, together with those of others.
   * Changes run in the order of the calls.
   *
   * Rejects with what the changes threw, or with a storage error; then none of these changes is stored.
   */
  commit<Result>(changes: () => Result): Promise<Result>;
  /** Tells at once, and before other changes run, that changes of `commit` are not stored; the listener must not throw. */
  onRollback(listener: () => void): () => void;
  /** For notes that nobody is told of: made at once, as one, and on the disk a moment later. */
  note<Result>(changes: () => Result): Result;
  /** Throws when the catalogue cannot be read. */
  check(): void;
  /** Recordings that are under way, and that wait for an adapter. */
  counts(): { open: number; waiting: number };
  /** Something may be there to be leased. */
  onLeasable(listener: () => void): () => void;
  notifyLeasable(): void;
}

/**
 * Opens the call buffer of a folder, and finishes the erasures that the last run did not.
 *
 * @throws DeskreelError `BUFFER_UNUSABLE`, `BUFFER_IN_USE`, `BUFFER_TOO_NEW`
 */
export async function openCallBuffer(folder: string, log: Log = silentLog()): Promise<CallBuffer> {
  using opening = new DisposableStack();
  const opened = opening.use(openBuffer(folder));
  const writeAheadLog = opening.use(new WriteAheadLog(opened.catalogue));
  const { promise: failed, resolve: onSyncFault } = Promise.withResolvers<Error>();
  const rollbackListeners = new Set<() => void>();
  const group = new GroupCommit({
    catalogue: opened.catalogue,
    onRollback() {
      for (const listener of rollbackListeners) listener();
    },
    sync: () => writeAheadLog.sync(),
    syncNow: () => writeAheadLog.syncNow(),
    onSyncFault,
  });
  opening.defer(() => group.finish());
  opening.use(
    new Checkpoints({
      path: join(folder, "catalog.db"),
      log,
      logBytes: () => writeAheadLog.bytes,
      pauseFor: (work) => group.pauseFor(work),
    }),
  );
  const buffer = assemble(opened, group);
  await buffer.erasure.finishErasures(await readdir(folder));
  opening.use(new WordUpkeep(buffer.words, (changes) => group.commit(changes), log));
  const owned = opening.move();
  return {
    ...buffer,
    failed,
    commit: (changes) => group.commit(changes),
    onRollback(listener) {
      rollbackListeners.add(listener);
      return () => rollbackListeners.delete(listener);
    },
    [Symbol.dispose]: () => owned[Symbol.dispose](),
  };
}

function assemble(
  opened: OpenBuffer,
  group: GroupCommit,
): Omit<CallBuffer, "failed" | "commit" | "onRollback" | typeof Symbol.dispose> {
  const { catalogue, folder } = opened;
  const pauses = new PauseStore(catalogue);
  const facts = new RecordingFactsReader(catalogue, pauses);
  const listeners = new Set<() => void>();
  const notifyLeasable = () => {
    for (const listener of listeners) listener();
  };
  const counts = catalogue.prepare<[], { open: number; waiting: number }>(
    `SELECT (SELECT count(*) FROM recordings INDEXED BY recordings_open WHERE ended_at IS NULL) AS open,
       (SELECT count(*) FROM recordings INDEXED BY recordings_to_hand_off
          WHERE phase = 'sealed' AND acked_revision < revision) AS waiting`,
  );
  const isReadable = catalogue.prepare("SELECT id FROM recordings ORDER BY started_at DESC, id DESC LIMIT 1");
  return {
    folder,
    agentNames: new AgentNameStore(catalogue),
    events: new EventStore(catalogue),
    legs: new LegStore(catalogue),
    capture: new CaptureStore(catalogue, (changes) => group.note(changes), notifyLeasable),
    clockSteps: new ClockStepStore(catalogue),
    desktops: new DesktopStore(catalogue),
    enrollmentTokens: new EnrollmentTokenStore(catalogue),
    pauses,
    recordings: new RecordingReader(catalogue, facts),
    strays: new StrayStore(catalogue),
    posts: new WebhookPosts(catalogue),
    dynamics: new DynamicsRows(catalogue),
    dynamicsRetention: new DynamicsRetention(catalogue),
    ledger: new LedgerReader(catalogue, facts),
    words: new WordStore(catalogue, facts),
    leases: new LeaseStore(catalogue),
    live: new LiveReader(catalogue),
    clockShift: new ClockShift(catalogue),
    segments: new SegmentFiles(catalogue, folder),
    tracks: new TrackReader(catalogue),
    segmentFaults: new SegmentFaults(catalogue, notifyLeasable),
    erasure: new Erasure(opened, (changes) => group.commit(changes)),
    inTransaction: (changes) => catalogue.transaction(changes)(),
    note: (changes) => group.note(changes),
    check: () => void isReadable.get(),
    counts: () => counts.get() ?? { open: 0, waiting: 0 },
    onLeasable(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    notifyLeasable,
  };
}
