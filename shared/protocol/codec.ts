import { Decoder, Encoder } from "@msgpack/msgpack";
import type { z } from "zod";
import { DeskreelError } from "../runtime/errors.ts";
import { fieldProblems } from "../runtime/schema-problems.ts";
import {
  type DesktopMessage,
  desktopMessageSchema,
  MAX_FRAME_BYTES,
  type RecorderMessage,
  recorderMessageSchema,
} from "./messages.ts";

/** Why a frame was refused. `requestId` is the sender's `id` when that much could be read, else null. */
export class ProtocolError extends DeskreelError {
  readonly requestId: number | null;

  constructor(
    code: "FRAME_TOO_LARGE" | "NOT_MSGPACK" | "NOT_A_MESSAGE" | "UNKNOWN_TYPE" | "BAD_FIELDS",
    message: string,
    requestId: number | null,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.requestId = requestId;
  }
}

// Made once: a new one for each frame takes longer than a frame.
const encoder = new Encoder({ ignoreUndefined: true });
const decoder = new Decoder();

/** A message as one binary msgpack map. */
export function encodeMessage(message: DesktopMessage | RecorderMessage): Uint8Array {
  return encoder.encode(message);
}

/** @throws {@link ProtocolError} and nothing else, whatever the bytes. */
export function decodeDesktopMessage(frame: Uint8Array): DesktopMessage {
  return decodeWith(desktopMessageSchema, frame);
}

/** @throws {@link ProtocolError} and nothing else, whatever the bytes. */
export function decodeRecorderMessage(frame: Uint8Array): RecorderMessage {
  return decodeWith(recorderMessageSchema, frame);
}

function decodeWith<Schema extends z.ZodDiscriminatedUnion>(
  schema: Schema,
  frame: Uint8Array,
): z.infer<Schema> {
  if (frame.byteLength > MAX_FRAME_BYTES) {
    throw new ProtocolError(
      "FRAME_TOO_LARGE",
      `frame has ${frame.byteLength} bytes, at most ${MAX_FRAME_BYTES} are allowed`,
      null,
    );
  }
  let value: unknown;
  try {
    value = decoder.decode(frame);
  } catch (cause) {
    throw new ProtocolError(
      "NOT_MSGPACK",
      `frame of ${frame.byteLength} bytes is not one msgpack value`,
      null,
      { cause },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ProtocolError("NOT_A_MESSAGE", "frame must be a msgpack map with a field t", null);
  }
  const id =
    "id" in value && Number.isSafeInteger(value.id) && Number(value.id) > 0 ? Number(value.id) : null;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const type = "t" in value ? value.t : undefined;
  const known = schema.options.some(
    (option) => (option as z.ZodObject<{ t: z.ZodLiteral<string> }>).shape.t.value === type,
  );
  if (!known) {
    throw new ProtocolError(
      "UNKNOWN_TYPE",
      `message type ${JSON.stringify(type) ?? "(none)"} is unknown`.slice(0, 200),
      id,
    );
  }
  const faults = fieldProblems(parsed.error).map((problem) => `${problem.path}: ${problem.message}`);
  throw new ProtocolError(
    "BAD_FIELDS",
    `message ${String(type)} is malformed: ${faults.join("; ")}`.slice(0, 1_000),
    id,
  );
}
