import { randomUUID } from "node:crypto";
import { DeskreelError } from "#shared/runtime/errors.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { Cell, EntityType, Row } from "./columns.ts";

/** The bytes of a file: held, or made when they are asked for, which is how a test has a large one. */
export interface FileBytes {
  readonly byteLength: number;
  /** From one offset to before another, both within the file. */
  subarray(from: number, to: number): Uint8Array;
}

/** A file of a file column. */
export interface StoredFile {
  readonly id: string;
  readonly fileName: string;
  readonly mimeType: string;
  readonly bytes: FileBytes;
}

/** A row that is gone, and the version of the database in which it went. */
export interface Deletion {
  readonly entity: EntityType;
  readonly id: string;
  readonly version: number;
}

/** One write to a row, as the platform's event pipeline sees it. */
export interface StoreWrite {
  readonly entity: EntityType;
  readonly id: string;
  readonly message: "Create" | "Update" | "Delete";
  /** The columns that were written, whether or not their values changed; none for Delete. */
  readonly columns: readonly string[];
  /** The row before; null for Create. */
  readonly before: Row | null;
  /** The row after; null for Delete. */
  readonly after: Row | null;
}

/** SQL's rowversion starts anywhere and grows with every write to the database; an odd start catches "= count". */
const FIRST_VERSION = 75_119_000;

/** The environment's database, in memory: every write advances `versionnumber` and `modifiedon`. */
export class DataverseStore {
  readonly #clock: Clock;
  readonly #tables = new Map<EntityType, Map<string, Row>>();
  readonly #files = new Map<string, StoredFile>();
  readonly #listeners = new Set<(write: StoreWrite) => void>();
  readonly #deletions: Deletion[] = [];
  #version = FIRST_VERSION;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Calls the listener synchronously after each write; the columns of one update are one write.
   *
   * @returns what ends it.
   */
  onWrite(listener: (write: StoreWrite) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds a row; its key is made when absent, `createdon` is now unless it is given. Returns the key. */
  insert(type: EntityType, values: Record<string, Cell>): string {
    const id = String(values[type.key] ?? randomUUID()).toLowerCase();
    if (this.#table(type).has(id)) throw storeFault(type, id, "is there already");
    const empty = Object.fromEntries(Object.keys(type.columns).map((column) => [column, null]));
    const after = this.#write(type, id, {
      ...empty,
      ...values,
      [type.key]: id,
      createdon: values["createdon"] ?? this.#clock.now(),
    });
    const columns = Object.keys(after).filter((column) => after[column] !== null);
    this.#tell({ entity: type, id, message: "Create", columns, before: null, after });
    return id;
  }

  /** Changes columns of a row that is there. */
  update(type: EntityType, id: string, values: Record<string, Cell>): void {
    const before = this.get(type, id);
    if (before === undefined) throw storeFault(type, id, "is not there to be changed");
    const after = this.#write(type, id.toLowerCase(), { ...before, ...values });
    const columns = Object.keys(values);
    this.#tell({ entity: type, id: id.toLowerCase(), message: "Update", columns, before, after });
  }

  /** Removes a row that is there. */
  delete(type: EntityType, id: string): void {
    const before = this.get(type, id);
    if (before === undefined) throw storeFault(type, id, "is not there to be deleted");
    this.#table(type).delete(id.toLowerCase());
    this.#version += 1;
    this.#deletions.push({ entity: type, id: id.toLowerCase(), version: this.#version });
    const entity = { entity: type, id: id.toLowerCase() };
    this.#tell({ ...entity, message: "Delete", columns: [], before, after: null });
  }

  /** Of the newest write. */
  get version(): number {
    return this.#version;
  }

  /** The rows of a table that went after a version. */
  deletedSince(type: EntityType, version: number): Deletion[] {
    return this.#deletions.filter(({ entity, version: at }) => entity === type && at > version);
  }

  get(type: EntityType, id: string): Row | undefined {
    return this.#table(type).get(id.toLowerCase());
  }

  rows(type: EntityType): Row[] {
    return [...this.#table(type).values()];
  }

  find(type: EntityType, matches: (row: Row) => boolean): Row | undefined {
    return this.rows(type).find(matches);
  }

  /** Puts a file into a file column; this is a write to the row, like any other. */
  attachFile(
    type: EntityType,
    id: string,
    column: string,
    file: { fileName: string; mimeType: string; bytes: FileBytes },
  ): void {
    const stored = { id: randomUUID(), ...file };
    this.update(type, id, { [column]: stored.id, [`${column}_name`]: file.fileName });
    this.#files.set(stored.id, stored);
  }

  file(id: string): StoredFile | undefined {
    return this.#files.get(id);
  }

  #table(type: EntityType): Map<string, Row> {
    const table = this.#tables.get(type) ?? new Map<string, Row>();
    this.#tables.set(type, table);
    return table;
  }

  #write(type: EntityType, id: string, values: Record<string, Cell>): Row {
    const unknown = Object.keys(values).filter((column) => !Object.hasOwn(type.columns, column));
    if (unknown.length > 0) throw storeFault(type, id, `has no column ${unknown.join(", ")}`);
    this.#version += 1;
    const row = { ...values, modifiedon: this.#clock.now(), versionnumber: this.#version };
    const cells = Object.entries(row).map(([column, cell]) => [column, storedCell(type, column, cell)]);
    const stored = Object.fromEntries(cells) as Row;
    this.#table(type).set(id, stored);
    return stored;
  }

  #tell(write: StoreWrite): void {
    for (const listener of this.#listeners) listener(write);
  }
}

function storedCell(type: EntityType, column: string, cell: Cell): Cell {
  const kind = type.columns[column]?.kind;
  // Dataverse keeps and compares its times in whole seconds.
  if (kind === "datetime" && typeof cell === "number") return Math.floor(cell / 1000) * 1000;
  if ((kind === "guid" || kind === "lookup") && typeof cell === "string") return cell.toLowerCase();
  return cell;
}

function storeFault(type: EntityType, id: string, what: string): DeskreelError {
  return new DeskreelError("BAD_SIMULATED_ROW", `${type.logicalName} ${id} ${what}`);
}
