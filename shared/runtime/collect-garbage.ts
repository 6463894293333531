import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

let collect: ((options: { type: "minor" }) => void) | null = null;

/**
 * Frees what has just been dropped, in a millisecond or two. V8 lets buffers outside its heap grow to 64 MB before it looks
 * for ones that nobody has any more, which whoever passes on large bodies reaches every second.
 */
export function collectDropped(): void {
  if (collect === null) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as NonNullable<typeof collect>;
  }
  collect({ type: "minor" });
}
