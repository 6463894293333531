import { type FileHandle, open } from "node:fs/promises";
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Writes clusters to many files, and flushes them. */
export interface ClusterWriter extends AsyncDisposable {
  /** @returns when the bytes are written, and flushed if that is wanted. */
  write(file: number, bytes: Uint8Array, position: number, isFlushed: boolean): Promise<void>;
}

/** As the recorder does it: the event loop gives each write and each flush to libuv's threads. */
export async function openAsyncWriter(folder: string, files: number): Promise<ClusterWriter> {
  const handles: FileHandle[] = [];
  for (let file = 0; file < files; file++) handles.push(await open(join(folder, `${file}.scn`), "w"));
  return {
    async write(file, bytes, position, isFlushed) {
      const handle = handles[file];
      if (handle === undefined) throw new RangeError(`there is no file ${file}`);
      await handle.write(bytes, 0, bytes.byteLength, position);
      if (isFlushed) await handle.datasync();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(handles.map((handle) => handle.close()));
    },
  };
}

/** What a thread that writes is asked to do. */
export interface WriteOrder {
  id: number;
  file: number;
  bytes: Uint8Array;
  position: number;
  isFlushed: boolean;
}

/** The thread's side: one blocking call after the other. */
export function openBlockingWriter(folder: string, files: number): (order: WriteOrder) => void {
  const opened = Array.from({ length: files }, (_, file) => openSync(join(folder, `${file}.scn`), "w"));
  process.once("exit", () => {
    for (const file of opened) closeSync(file);
  });
  return ({ file, bytes, position, isFlushed }) => {
    const descriptor = opened[file];
    if (descriptor === undefined) throw new RangeError(`there is no file ${file}`);
    writeSync(descriptor, bytes, 0, bytes.byteLength, position);
    if (isFlushed) fdatasyncSync(descriptor);
  };
}
