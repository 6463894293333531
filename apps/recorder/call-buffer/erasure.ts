import { rm } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder } from "#shared/runtime/durable-file.ts";
import type { DurationMs, EpochMs } from "#shared/time/units.ts";
import type { OpenBuffer } from "./database.ts";

/** Erases recordings' files: discarded ones after their grace time, handed-off ones after their keeping time. */
export class Erasure {
  readonly #buffer: OpenBuffer;
  readonly #commit: (changes: () => boolean) => Promise<boolean>;
  /** Marked as erased by this run, and not known to be gone yet. */
  readonly #unremoved = new Set<string>();
  readonly #due;
  readonly #nextAt;
  readonly #isDue;
  readonly #markErased;
  readonly #ackedDue;
  readonly #markAckedErased;

  /** @param commit - resolves once the changes are durable. */
  constructor(buffer: OpenBuffer, commit: (changes: () => boolean) => Promise<boolean>) {
    this.#buffer = buffer;
    this.#commit = commit;
    const { catalogue } = buffer;
    this.#due = catalogue.prepare<[EpochMs], { id: string }>(
      "SELECT id FROM recordings WHERE erase_at <= ? AND erased_at IS NULL ORDER BY erase_at LIMIT 100",
    );
    this.#nextAt = catalogue.prepare<[], { at: EpochMs | null }>(
      "SELECT min(erase_at) AS at FROM recordings WHERE erase_at IS NOT NULL AND erased_at IS NULL",
    );
    this.#isDue = catalogue.prepare<[string, EpochMs], { id: string }>(
      "SELECT id FROM recordings WHERE id = ? AND erase_at <= ? AND erased_at IS NULL",
    );
    this.#markErased = catalogue.prepare("UPDATE recordings SET erased_at = ? WHERE id = ?");
    const isAckedDue =
      "acked_at <= ? AND acked_revision >= revision AND erased_at IS NULL AND phase = 'sealed'";
    this.#ackedDue = catalogue.prepare<[EpochMs], { id: string }>(
      `SELECT id FROM recordings INDEXED BY recordings_acked WHERE ${isAckedDue} ORDER BY acked_at LIMIT 100`,
    );
    this.#markAckedErased = catalogue.prepare<[EpochMs, string, EpochMs]>(
      `UPDATE recordings SET erased_at = ? WHERE id = ? AND ${isAckedDue}`,
    );
  }

  /** Discarded recordings whose grace time is over. */
  due(now: EpochMs): string[] {
    return this.#due.all(now).map((row) => row.id);
  }

  nextAt(): EpochMs | null {
    return this.#nextAt.get()?.at ?? null;
  }

  /**
   * Erases the files of a discarded recording, unless it has become one to keep. From the mark on nothing can bring it
   * back. What could not be removed is removed by the next call, and what an end of the process leaves by the next start,
   * because the mark comes first.
   */
  async eraseDiscarded(recordingId: string, now: EpochMs): Promise<boolean> {
    if (!this.#unremoved.has(recordingId)) {
      const isMarked = await this.#commit(() => {
        if (this.#isDue.get(recordingId, now) === undefined) return false;
        return this.#markErased.run(now, recordingId).changes > 0;
      });
      if (!isMarked) return false;
    }
    await this.#removeFolder(recordingId);
    return true;
  }

  /**
   * Erases the files of recordings acknowledged longer ago than `keepMs`; what they held stays known. One whose files
   * cannot be removed keeps no other from going, and is tried again by the next call.
   *
   * @param now - by the keeping clock.
   */
  async eraseAcked(keepMs: DurationMs, now: EpochMs): Promise<string[]> {
    const before = now - keepMs;
    const due = this.#ackedDue.all(before).map((row) => row.id);
    const erased: string[] = [];
    const faults: unknown[] = [];
    for (const id of new Set([...this.#unremoved, ...due])) {
      // While the one before it was removed, it may have got a revision that nobody has yet.
      const mark = () => this.#markAckedErased.run(now, id, before).changes > 0;
      if (!this.#unremoved.has(id) && !(await this.#commit(mark))) continue;
      try {
        await this.#removeFolder(id);
        erased.push(id);
      } catch (error) {
        faults.push(error);
      }
    }
    if (faults.length > 0)
      throw new AggregateError(faults, `${faults.length} recordings' files are still there`);
    return erased;
  }

  /** What an end of the process left between mark and removal. */
  async finishErasures(foldersOnDisk: readonly string[]): Promise<void> {
    const isErased = this.#buffer.catalogue.prepare<[string], { id: string }>(
      "SELECT id FROM recordings WHERE id = ? AND erased_at IS NOT NULL",
    );
    for (const folder of foldersOnDisk) {
      if (isErased.get(folder) !== undefined) await this.#removeFolder(folder);
    }
  }

  async #removeFolder(recordingId: string): Promise<void> {
    this.#unremoved.add(recordingId);
    await rm(join(this.#buffer.folder, recordingId), { recursive: true, force: true });
    await syncFolder(this.#buffer.folder);
    this.#unremoved.delete(recordingId);
  }
}
