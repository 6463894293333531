import { z } from "zod";
import {
  type ChainEntry,
  type ChainHead,
  type ChainLink,
  chainEntrySchema,
  chainHeadSchema,
  type Previous,
  type Tombstone,
} from "#shared/archive/chain.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { AuditAnchor } from "../store/audit-entry.ts";
import { CHAIN_FOLDER, CHAIN_HEAD_PLACE, chainEntryPlace } from "./places.ts";
import { type PublicKeys, renderDocument, sha256Of, signatureFault } from "./signing-key.ts";
import type { ArchiveStorage } from "./storage/archive-storage.ts";
import { isStorageFailure } from "./storage/storage-failure.ts";

/** A document that may be an entry of the chain, as it was found. */
export interface SeenDocument {
  place: string;
  sha256: string;
  /** Null in what is not signed. */
  previous: Previous | null;
  /** Something is wrong with it already, and was told. */
  isFaulty: boolean;
}

/** How long the chain is, and what its newest entry is; who notes both down can tell later that none was cut off. */
export interface ChainCounts {
  entries: number;
  newest: ChainLink | null;
  /** What it has signed of the adapter's audit log. */
  anchors: AuditAnchor[];
}

interface ChainReport {
  noteFault: (place: string, fault: string) => void;
  onUnfinished: (place: string, what: string) => void;
}

/**
 * Holds what is in an archive against its chain. The head is read before anything else, so that an archive can be
 * verified while it grows: what comes after that head only has to be signed.
 */
export class ChainVerifier {
  readonly #storage: ArchiveStorage;
  readonly #keys: PublicKeys | null;
  readonly #report: ChainReport;
  readonly #head: ChainHead | null;
  readonly #seen = new Map<string, SeenDocument>();
  /** Of the entries that are no manifests: what they say. */
  readonly #notes: ChainEntry["what"][] = [];
  readonly #anchors: AuditAnchor[] = [];
  /** By sequence: the manifests that tombstones stand for. */
  readonly #removed = new Map<number, Tombstone["manifests"][number]>();

  private constructor(
    storage: ArchiveStorage,
    keys: PublicKeys | null,
    report: ChainReport,
    head: ChainHead | null,
  ) {
    this.#storage = storage;
    this.#keys = keys;
    this.#report = report;
    this.#head = head;
  }

  static async begin(
    storage: ArchiveStorage,
    keys: PublicKeys | null,
    report: ChainReport,
  ): Promise<ChainVerifier> {
    const read = await readDocument(storage, CHAIN_HEAD_PLACE, chainHeadSchema, keys);
    // That it is missing is told in the end, when it is known whether the archive is signed at all.
    if (read !== null && read.fault !== null) report.noteFault(CHAIN_HEAD_PLACE, read.fault);
    return new ChainVerifier(storage, keys, report, read?.document ?? null);
  }

  see(document: SeenDocument): void {
    this.#seen.set(document.place, document);
  }

  hasSignedManifests(): boolean {
    return [...this.#seen.values()].some(({ previous }) => previous !== null);
  }

  /** Reads the entries that are no manifests, and judges. */
  async finish(): Promise<ChainCounts> {
    await this.#readNotes();
    const deleted = await this.#judgeDeleted();
    const head = this.#head;
    if (head === null) {
      const isThere = await this.#isThere(CHAIN_HEAD_PLACE);
      if (!isThere) this.#report.noteFault(CHAIN_HEAD_PLACE, "is missing, the archive is signed");
      return { entries: 0, newest: null, anchors: this.#anchors };
    }
    const newest = await this.#newest(head);
    const isReached = this.#follow(newest);
    this.#judgeRest(isReached, deleted, newest?.sequence ?? 0);
    this.#judgeVersions();
    return { entries: newest?.sequence ?? 0, newest, anchors: this.#anchors };
  }

  async #readNotes(): Promise<void> {
    for await (const { place } of this.#storage.walk({ under: CHAIN_FOLDER })) {
      if (place === CHAIN_HEAD_PLACE) continue;
      const name = place.slice(CHAIN_FOLDER.length + 1);
      if (/^[^/]+\.json\.[0-9a-f-]{36}\.draft$/.test(name)) {
        this.#report.onUnfinished(place, "is a draft");
        continue;
      }
      if (!/^\d{12}\.json$/.test(name)) {
        this.#report.noteFault(place, "does not belong into an archive's chain");
        continue;
      }
      const read = await readDocument(this.#storage, place, chainEntrySchema, this.#keys);
      if (read === null) continue;
      let { fault } = read;
      const { document } = read;
      const sequence = (document?.previous.entry?.sequence ?? 0) + 1;
      if (fault === null && chainEntryPlace(sequence) !== place)
        fault = `holds entry ${sequence} of the chain`;
      if (fault !== null) this.#report.noteFault(place, fault);
      else if (document !== null) this.#note(document.what, sequence);
      this.see({
        place,
        sha256: read.sha256,
        previous: document?.previous ?? null,
        isFaulty: fault !== null,
      });
    }
  }

  #note(what: ChainEntry["what"], sequence: number): void {
    this.#notes.push(what);
    if (what.kind !== "audited") return;
    this.#anchors.push({ entries: what.entries, sha256: what.sha256, sequence });
  }

  async #isThere(place: string): Promise<boolean> {
    return (await this.#storage.size(place)) !== null;
  }

  /** Returns the places that tombstones stand for. */
  async #judgeDeleted(): Promise<Set<string>> {
    const places = new Set<string>();
    for (const note of this.#notes) {
      if (note.kind !== "deleted") continue;
      for (const manifest of note.manifests) {
        places.add(manifest.place);
        if (manifest.sequence !== null) this.#removed.set(manifest.sequence, manifest);
        // It may have been seen before it was deleted: an archive is verified while it is used.
        const seen = this.#seen.get(manifest.place);
        if (seen === undefined) continue;
        if (await this.#isThere(manifest.place)) {
          this.#faultOnce(seen, "is there, and a tombstone of the chain says that it was deleted");
        } else {
          this.#seen.delete(manifest.place);
        }
      }
    }
    return places;
  }

  /** The head's entry, or what was announced in it and is there: a crash came before it could become the head's. */
  async #newest({ entry, next }: ChainHead): Promise<ChainLink | null> {
    if (next === null) return entry;
    const isThere = this.#seen.has(next.place) || (await this.#isThere(next.place));
    return isThere ? next : entry;
  }

  /** From the newest entry to the first; returns the places of the entries that are in the chain. */
  #follow(newest: ChainLink | null): Set<string> {
    const places = new Set<string>();
    const bySequence = new Map<number, SeenDocument>();
    for (const document of this.#seen.values()) {
      if (document.previous !== null) bySequence.set(sequenceOf(document.previous), document);
    }
    let expected = newest;
    let named = CHAIN_HEAD_PLACE;
    for (let sequence = newest?.sequence ?? 0; sequence > 0; sequence -= 1) {
      const place = expected?.place ?? bySequence.get(sequence)?.place;
      const found = place === undefined ? undefined : this.#seen.get(place);
      if (place !== undefined) places.add(place);
      const removed = this.#removed.get(sequence);
      if (removed !== undefined) {
        if (expected !== null && (expected.place !== removed.place || expected.sha256 !== removed.sha256)) {
          this.#report.noteFault(
            removed.place,
            `was deleted with sha256 ${removed.sha256}, ${named} says ${expected.sha256} of ${expected.place}`,
          );
        }
        expected = removed.follows;
        named = removed.place;
        continue;
      }
      if (found === undefined) {
        const what = `is missing: entry ${sequence} of the chain`;
        if (expected === null) this.#report.noteFault(chainEntryPlace(sequence), what);
        else
          this.#report.noteFault(expected.place, `${what}, ${named} names it with sha256 ${expected.sha256}`);
        expected = null;
        continue;
      }
      if (expected !== null && found.sha256 !== expected.sha256) {
        this.#faultOnce(found, `has sha256 ${found.sha256}, ${named} says ${expected.sha256}`);
      }
      // A faulty document may say anything of the one before.
      expected = found.isFaulty ? null : (found.previous?.entry ?? null);
      named = found.place;
    }
    return places;
  }

  /** What is not in the chain: adopted when the chain began, written after the head was read, or put there by somebody. */
  #judgeRest(inChain: ReadonlySet<string>, deleted: ReadonlySet<string>, newestSequence: number): void {
    const adopted = new Map(
      this.#notes.flatMap((note) =>
        note.kind === "adopted" ? note.manifests.map(({ place, sha256 }) => [place, sha256] as const) : [],
      ),
    );
    for (const document of this.#seen.values()) {
      const { place, sha256, previous } = document;
      if (inChain.has(place)) continue;
      const expected = adopted.get(place);
      if (expected !== undefined) {
        if (sha256 !== expected)
          this.#faultOnce(document, `has sha256 ${sha256}, the chain adopted ${expected}`);
      } else if (previous === null) {
        this.#faultOnce(document, "is not signed, everything in this archive is");
      } else if (sequenceOf(previous) <= newestSequence) {
        this.#faultOnce(document, `is not in the chain, which has another entry ${sequenceOf(previous)}`);
      }
    }
    for (const [place, sha256] of adopted) {
      if (!this.#seen.has(place) && !deleted.has(place))
        this.#report.noteFault(place, `is missing, the chain adopted it with ${sha256}`);
    }
  }

  /** A manifest names the version before it too. */
  #judgeVersions(): void {
    for (const { place, previous, isFaulty } of this.#seen.values()) {
      const version = previous?.version ?? null;
      if (version === null || isFaulty) continue;
      const before = this.#seen.get(place.replace(/\/v\d+\/(?=[^/]+$)/, `/v${version.version}/`));
      if (before === undefined || before.sha256 === version.sha256) continue;
      this.#faultOnce(before, `has sha256 ${before.sha256}, ${place} says ${version.sha256}`);
    }
  }

  /** One line for a document is enough, and the first says most. */
  #faultOnce(document: SeenDocument, fault: string): void {
    if (document.isFaulty) return;
    document.isFaulty = true;
    this.#report.noteFault(document.place, fault);
  }
}

/** @returns null when there is no such file. */
async function readDocument<Document extends ChainHead | ChainEntry>(
  storage: ArchiveStorage,
  place: string,
  schema: z.ZodType<Document>,
  keys: PublicKeys | null,
): Promise<{ document: Document | null; sha256: string; fault: string | null } | null> {
  let sha256 = "";
  try {
    const bytes = await storage.read(place);
    if (bytes === null) return null;
    sha256 = sha256Of(bytes);
    const tree: unknown = JSON.parse(bytes.toString());
    const document = schema.parse(tree);
    if (!bytes.equals(Buffer.from(renderDocument(tree)))) {
      return { document, sha256, fault: "is not written as the archive writes it" };
    }
    return { document, sha256, fault: keys === null ? null : signatureFault(document, keys) };
  } catch (error) {
    if (isStorageFailure(error)) throw error;
    const why = error instanceof z.ZodError ? z.prettifyError(error) : describeError(error);
    return { document: null, sha256, fault: `is not readable: ${why.replaceAll(/\s*\n\s*/g, " ")}` };
  }
}

function sequenceOf({ entry }: Previous): number {
  return (entry?.sequence ?? 0) + 1;
}
