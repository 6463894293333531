/** How D-Bus writes values and messages (little endian): as much of the specification as a desktop's services need. */

/** A value with its type, for where D-Bus leaves the type open. */
export interface Variant {
  signature: string;
  value: DbusValue;
}

/** Arrays stand for D-Bus arrays, structs and dictionary entries alike; the signature tells which. */
export type DbusValue = boolean | number | bigint | string | DbusValue[] | Variant;

type MessageType = "call" | "answer" | "error" | "signal";

export interface Message {
  type: MessageType;
  serial: number;
  path?: string;
  interface?: string;
  member?: string;
  errorName?: string;
  replySerial?: number;
  destination?: string;
  sender?: string;
  signature: string;
  body: DbusValue[];
}

const TYPES: readonly MessageType[] = ["call", "answer", "error", "signal"];
/** Header fields by their code: what they are called here, and their type. */
const FIELDS = [
  [1, "path", "o"],
  [2, "interface", "s"],
  [3, "member", "s"],
  [4, "errorName", "s"],
  [5, "replySerial", "u"],
  [6, "destination", "s"],
  [7, "sender", "s"],
  [8, "signature", "g"],
] as const;
const FIXED_HEADER_BYTES = 16;
const LITTLE_ENDIAN = "l".charCodeAt(0);
const ALIGNMENT: Record<string, number> = { y: 1, g: 1, v: 1, n: 2, q: 2, x: 8, t: 8, d: 8, "(": 8, "{": 8 };

const alignmentOf = (signature: string) => ALIGNMENT[signature.charAt(0)] ?? 4;
const padded = (length: number, alignment: number) => Math.ceil(length / alignment) * alignment;

/** `a{sv}(ii)` → `["a{sv}", "(ii)"]`. */
export function splitSignature(signature: string): string[] {
  const types: string[] = [];
  for (let from = 0; from < signature.length; ) {
    const to = endOfType(signature, from);
    types.push(signature.slice(from, to));
    from = to;
  }
  return types;
}

function endOfType(signature: string, from: number): number {
  if (signature.charAt(from) === "a") return endOfType(signature, from + 1);
  let depth = 0;
  for (let at = from; at < signature.length; at++) {
    const letter = signature.charAt(at);
    if (letter === "(" || letter === "{") depth++;
    if (letter === ")" || letter === "}") depth--;
    if (depth === 0) return at + 1;
  }
  throw new Error(`the D-Bus signature ${signature} ends too soon`);
}

class Writer {
  readonly bytes: number[] = [];

  align(alignment: number): void {
    while (this.bytes.length % alignment !== 0) this.bytes.push(0);
  }

  fixed(size: 1 | 2 | 4 | 8, write: (buffer: Buffer) => void): void {
    this.align(size);
    const buffer = Buffer.alloc(size);
    write(buffer);
    this.bytes.push(...buffer);
  }

  put(signature: string, value: DbusValue): void {
    switch (signature.charAt(0)) {
      case "y":
        return this.fixed(1, (buffer) => buffer.writeUInt8(value as number));
      case "b":
        return this.fixed(4, (buffer) => buffer.writeUInt32LE(value === true ? 1 : 0));
      case "n":
        return this.fixed(2, (buffer) => buffer.writeInt16LE(value as number));
      case "q":
        return this.fixed(2, (buffer) => buffer.writeUInt16LE(value as number));
      case "i":
        return this.fixed(4, (buffer) => buffer.writeInt32LE(value as number));
      case "u":
        return this.fixed(4, (buffer) => buffer.writeUInt32LE(value as number));
      case "x":
        return this.fixed(8, (buffer) => buffer.writeBigInt64LE(value as bigint));
      case "t":
        return this.fixed(8, (buffer) => buffer.writeBigUInt64LE(value as bigint));
      case "d":
        return this.fixed(8, (buffer) => buffer.writeDoubleLE(value as number));
      case "s":
      case "o":
        return this.#text(4, value as string);
      case "g":
        return this.#text(1, value as string);
      case "v": {
        const variant = value as Variant;
        this.#text(1, variant.signature);
        return this.put(variant.signature, variant.value);
      }
      case "a":
        return this.#array(signature.slice(1), value as DbusValue[]);
      default:
        this.align(8);
        this.putAll(splitSignature(signature.slice(1, -1)), value as DbusValue[]);
    }
  }

  putAll(types: string[], values: DbusValue[]): void {
    if (types.length !== values.length)
      throw new Error(`${types.length} D-Bus values are needed, got ${values.length}`);
    for (const [index, type] of types.entries()) this.put(type, values[index] ?? "");
  }

  #text(lengthSize: 1 | 4, text: string): void {
    const utf8 = Buffer.from(text);
    this.fixed(lengthSize, (buffer) => buffer.writeUIntLE(utf8.length, 0, lengthSize));
    this.bytes.push(...utf8, 0);
  }

  /** The length leaves out the padding before the first element. */
  #array(type: string, values: DbusValue[]): void {
    this.fixed(4, (buffer) => buffer.writeUInt32LE(0));
    const lengthAt = this.bytes.length - 4;
    this.align(alignmentOf(type));
    const from = this.bytes.length;
    for (const value of values) this.put(type, value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(this.bytes.length - from);
    this.bytes.splice(lengthAt, 4, ...length);
  }
}

class Reader {
  readonly #buffer: Buffer;
  #at: number;

  constructor(buffer: Buffer, at = 0) {
    this.#buffer = buffer;
    this.#at = at;
  }

  align(alignment: number): void {
    this.#at = padded(this.#at, alignment);
  }

  take(signature: string): DbusValue {
    switch (signature.charAt(0)) {
      case "y":
        return this.#buffer.readUInt8(this.#next(1));
      case "b":
        return this.#buffer.readUInt32LE(this.#next(4)) === 1;
      case "n":
        return this.#buffer.readInt16LE(this.#next(2));
      case "q":
        return this.#buffer.readUInt16LE(this.#next(2));
      case "i":
        return this.#buffer.readInt32LE(this.#next(4));
      case "u":
        return this.#buffer.readUInt32LE(this.#next(4));
      case "x":
        return this.#buffer.readBigInt64LE(this.#next(8));
      case "t":
        return this.#buffer.readBigUInt64LE(this.#next(8));
      case "d":
        return this.#buffer.readDoubleLE(this.#next(8));
      case "s":
      case "o":
        return this.#text(this.#buffer.readUInt32LE(this.#next(4)));
      case "g":
        return this.#text(this.#buffer.readUInt8(this.#next(1)));
      case "v": {
        const inner = this.take("g") as string;
        return { signature: inner, value: this.take(inner) };
      }
      case "a": {
        const length = this.#buffer.readUInt32LE(this.#next(4));
        const type = signature.slice(1);
        this.align(alignmentOf(type));
        const end = this.#at + length;
        const values: DbusValue[] = [];
        while (this.#at < end) values.push(this.take(type));
        return values;
      }
      default:
        this.align(8);
        return splitSignature(signature.slice(1, -1)).map((type) => this.take(type));
    }
  }

  #next(size: number): number {
    this.align(size);
    const at = this.#at;
    this.#at += size;
    return at;
  }

  #text(length: number): string {
    const text = this.#buffer.toString("utf8", this.#at, this.#at + length);
    this.#at += length + 1;
    return text;
  }
}

export function encodeMessage(message: Message): Buffer {
  const body = new Writer();
  body.putAll(splitSignature(message.signature), message.body);
  const header = new Writer();
  header.bytes.push(LITTLE_ENDIAN, TYPES.indexOf(message.type) + 1, 0, 1);
  header.put("u", body.bytes.length);
  header.put("u", message.serial);
  const fields = FIELDS.flatMap(([code, name, signature]): DbusValue[] => {
    const value = message[name];
    return value === undefined || value === "" ? [] : [[code, { signature, value }]];
  });
  header.put("a(yv)", fields);
  header.align(8);
  return Buffer.from([...header.bytes, ...body.bytes]);
}

/** @returns the first message of what has come, and how many bytes it took; null when it is not whole yet. */
export function decodeMessage(received: Buffer): { message: Message; bytes: number } | null {
  if (received.length < FIXED_HEADER_BYTES) return null;
  if (received.readUInt8(0) !== LITTLE_ENDIAN) throw new Error("a D-Bus message in big endian came");
  const bodyFrom = padded(FIXED_HEADER_BYTES + received.readUInt32LE(12), 8);
  const bytes = bodyFrom + received.readUInt32LE(4);
  if (received.length < bytes) return null;
  const type = TYPES[received.readUInt8(1) - 1];
  if (type === undefined) throw new Error(`a D-Bus message of type ${received.readUInt8(1)} came`);
  const message: Message = { type, serial: received.readUInt32LE(8), signature: "", body: [] };
  for (const field of new Reader(received, 12).take("a(yv)") as [number, Variant][]) {
    const name = FIELDS.find(([code]) => code === field[0])?.[1];
    if (name !== undefined) Object.assign(message, { [name]: field[1].value });
  }
  const body = new Reader(received.subarray(bodyFrom, bytes));
  message.body = splitSignature(message.signature).map((type) => body.take(type));
  return { message, bytes };
}
