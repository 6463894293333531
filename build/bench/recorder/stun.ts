import { createHmac, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

/** One end's secrets of an ICE agreement. */
export interface IceSecrets {
  usernameFragment: string;
  password: string;
}

const BINDING_REQUEST = 0x0001;
const MAGIC_COOKIE = 0x2112a442;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const PRIORITY = 0x0024;
const USE_CANDIDATE = 0x0025;
const FINGERPRINT = 0x8028;
const ICE_CONTROLLING = 0x802a;
const HEADER_BYTES = 20;
const INTEGRITY_BYTES = 24;
const FINGERPRINT_BYTES = 8;
const FINGERPRINT_XOR = 0x5354554e;
const HOST_CANDIDATE_PRIORITY = 0x7effffff;

/** A connectivity check that nominates its path (RFC 8445 section 7.1), from the controlling end to `remote`. */
export function bindingRequest(local: IceSecrets, remote: IceSecrets): Buffer {
  const priority = Buffer.alloc(4);
  priority.writeUInt32BE(HOST_CANDIDATE_PRIORITY);
  const attributes = Buffer.concat([
    attribute(USERNAME, Buffer.from(`${remote.usernameFragment}:${local.usernameFragment}`)),
    attribute(PRIORITY, priority),
    attribute(ICE_CONTROLLING, randomBytes(8)),
    attribute(USE_CANDIDATE, Buffer.alloc(0)),
  ]);
  const transaction = randomBytes(12);
  const upTo = (bytes: number) => header(transaction, attributes.byteLength + bytes);
  // Both sums are made with the length that the message has when they are its last attribute.
  const signed = Buffer.concat([upTo(INTEGRITY_BYTES), attributes]);
  const integrity = createHmac("sha1", remote.password).update(signed).digest();
  const checked = Buffer.concat([
    upTo(INTEGRITY_BYTES + FINGERPRINT_BYTES),
    attributes,
    attribute(MESSAGE_INTEGRITY, integrity),
  ]);
  const fingerprint = Buffer.alloc(4);
  fingerprint.writeUInt32BE((crc32(checked) ^ FINGERPRINT_XOR) >>> 0);
  return Buffer.concat([checked, attribute(FINGERPRINT, fingerprint)]);
}

/** Whether a datagram is STUN, and neither DTLS nor SRTP (RFC 7983). */
export function isStun(packet: Buffer): boolean {
  return packet.byteLength >= HEADER_BYTES && (packet[0] ?? 0xff) < 4;
}

function header(transaction: Buffer, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt16BE(BINDING_REQUEST, 0);
  bytes.writeUInt16BE(length, 2);
  bytes.writeUInt32BE(MAGIC_COOKIE, 4);
  transaction.copy(bytes, 8);
  return bytes;
}

/** Filled up to a multiple of four bytes. */
function attribute(type: number, value: Buffer): Buffer {
  const bytes = Buffer.alloc(4 + 4 * Math.ceil(value.byteLength / 4));
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.byteLength, 2);
  value.copy(bytes, 4);
  return bytes;
}
