import fc from "fast-check";

/** Something that happened to a file's bytes; places and lengths are shares of the file's size. */
export type Damage =
  | { kind: "torn"; at: number }
  | { kind: "zeroed" | "removed" | "copied"; at: number; share: number; to: number }
  | { kind: "flipped"; at: number; bit: number }
  | { kind: "inserted"; at: number; garbage: Uint8Array };

const share = fc.double({ min: 0, max: 1, noNaN: true });
/** Mostly small, and now and then within the header. */
const place = fc.oneof({ weight: 3, arbitrary: share }, fc.double({ min: 0, max: 0.01, noNaN: true }));
const extent = fc.oneof(
  fc.double({ min: 0, max: 0.02, noNaN: true }),
  fc.double({ min: 0, max: 0.5, noNaN: true }),
);

/** One to three damages, or none. */
export const damages: fc.Arbitrary<Damage[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("torn" as const), at: share }),
    fc.record({ kind: fc.constantFrom("zeroed", "removed", "copied"), at: place, share: extent, to: share }),
    fc.record({ kind: fc.constant("flipped" as const), at: place, bit: fc.nat({ max: 7 }) }),
    fc.record({
      kind: fc.constant("inserted" as const),
      at: place,
      garbage: fc.uint8Array({ maxLength: 5_000 }),
    }),
  ) as fc.Arbitrary<Damage>,
  { maxLength: 3 },
);

/** The file after all of it. */
export function applyDamages(file: Buffer, all: readonly Damage[]): Buffer {
  return all.reduce(applyDamage, file);
}

function applyDamage(file: Buffer, damage: Damage): Buffer {
  const at = Math.floor(damage.at * file.byteLength);
  switch (damage.kind) {
    case "torn":
      return file.subarray(0, at);
    case "flipped": {
      const flipped = Buffer.from(file);
      if (at < flipped.byteLength) flipped[at] = (flipped[at] ?? 0) ^ (1 << damage.bit);
      return flipped;
    }
    case "inserted":
      return Buffer.concat([file.subarray(0, at), damage.garbage, file.subarray(at)]);
    case "zeroed":
    case "removed":
    case "copied": {
      const end = Math.min(file.byteLength, at + Math.ceil(damage.share * file.byteLength));
      const range = file.subarray(at, end);
      const to = Math.floor(damage.to * file.byteLength);
      if (damage.kind === "removed") return Buffer.concat([file.subarray(0, at), file.subarray(end)]);
      if (damage.kind === "copied") return Buffer.concat([file.subarray(0, to), range, file.subarray(to)]);
      return Buffer.concat([file.subarray(0, at), Buffer.alloc(end - at), file.subarray(end)]);
    }
  }
}
