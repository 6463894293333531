import { z } from "zod";

const ms = z.int("must be a whole number of milliseconds").min(0, "must be 0 or more");
const lengthMs = z.int("must be a whole number of milliseconds").min(1, "must be 1 or more");
const hz = z.number().min(50, "must be 50 to 7000 Hz").max(7_000, "must be 50 to 7000 Hz");

/** Where the sound of a part comes from. */
const sourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("speech"),
    /** Spoken one after the other, 300 ms apart; what does not fit into the part is cut. */
    lines: z.array(z.strictObject({ voice: z.enum(["agent", "customer"]), text: z.string().min(1) })).min(1),
  }),
  z.strictObject({
    kind: z.literal("tones"),
    /** When each tone begins, in ms after the part's start. */
    atMs: z.array(ms),
    toneMs: lengthMs.default(200),
    hz: hz.default(440),
  }),
  z.strictObject({
    kind: z.literal("beeps"),
    /** A beep at every wall-clock instant whose epoch ms are a multiple of this. */
    everyMs: lengthMs,
    beepMs: lengthMs.default(60),
    hz: hz.default(1_000),
  }),
  z.strictObject({
    kind: z.literal("file"),
    /** Served byte for byte; relative to the folder of the shipped scripts, and inside it. */
    path: z.string().regex(/^(?!.*\.\.)[\w-][\w./-]*$/, "must be a relative path without '..'"),
  }),
]);

/** One file of a call's sound, as Dynamics records it. */
export const audioPartSchema = z
  .strictObject({
    startMs: ms,
    durationMs: lengthMs,
    format: z.enum(["mp3", "wav", "m4a"]).default("mp3"),
    /** How long after the part's end its file is at Dynamics. */
    availableAfterMs: ms.default(0),
    /** How long after the part's end its row is there, with `msdyn_recording` still null; absent = with the file. */
    rowAfterMs: ms.optional(),
    /** Whether the row gets the metadata file with `chunkStartTime`. */
    metadata: z.boolean().default(true),
    source: sourceSchema,
  })
  .refine((part) => (part.rowAfterMs ?? 0) <= part.availableAfterMs, {
    path: ["rowAfterMs"],
    message: "must not be later than availableAfterMs",
  });

export type AudioPart = z.output<typeof audioPartSchema>;
