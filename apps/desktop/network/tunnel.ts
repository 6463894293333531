import { request } from "node:http";
import { isIPv4, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { bracketed } from "../domain/proxy-hops.ts";

/** A server by name or address. */
export interface Place {
  host: string;
  port: number;
}

/** What a proxy is told of us when it wants to know. */
export interface ProxyCredentials {
  username: string;
  password: string;
}

/**
 * Has an HTTP proxy connect us (RFC 9110, CONNECT): what goes over the socket then goes to the target.
 *
 * @throws DeskreelError `PROXY_SIGN_IN`, `PROXY_REFUSED`, or the socket's own error.
 */
export function tunnelByHttp(
  socket: Socket,
  { host, port }: Place,
  credentials: ProxyCredentials | null,
): Promise<Duplex> {
  const target = `${bracketed(host)}:${port}`;
  const headers: Record<string, string> = { Host: target };
  if (credentials !== null) {
    const text = Buffer.from(`${credentials.username}:${credentials.password}`).toString("base64");
    headers["Proxy-Authorization"] = `Basic ${text}`;
  }
  return new Promise((resolve, reject) => {
    const asked = request({ method: "CONNECT", path: target, headers, createConnection: () => socket });
    asked.once("error", reject);
    asked.once("connect", ({ statusCode = 0, headers: answered }, tunnel, head) => {
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) tunnel.unshift(head);
        resolve(tunnel);
        return;
      }
      tunnel.destroy();
      // Of the two, 401 is a mistake that tinyproxy makes for a wrong password.
      if (statusCode === 407 || statusCode === 401)
        reject(signIn(credentials, answered["proxy-authenticate"] ?? ""));
      else reject(new DeskreelError("PROXY_REFUSED", `the proxy answered ${statusCode} for ${target}`));
    });
    asked.end();
  });
}

function signIn(credentials: ProxyCredentials | null, wanted: string): DeskreelError {
  const ways = wanted === "" ? "it does not say how" : `by ${wanted.slice(0, 200)}`;
  const what = credentials === null ? "wants a sign-in" : "does not accept desktop.proxyCredentials";
  return new DeskreelError("PROXY_SIGN_IN", `the proxy ${what} (${ways}); only Basic can be given`);
}

/** By what a SOCKS server says why it does not connect us (RFC 1928, 6). */
const SOCKS_FAULTS = [
  "",
  "general failure",
  "not allowed",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "TTL expired",
  "command not supported",
  "address type not supported",
];
const [NO_SIGN_IN, BY_PASSWORD] = [0, 2];

/**
 * Has a SOCKS 5 server connect us (RFC 1928, sign-in by RFC 1929). Names are resolved by the server.
 *
 * @throws DeskreelError `PROXY_SIGN_IN`, `PROXY_REFUSED`, or the socket's own error.
 */
export async function tunnelBySocks(
  socket: Socket,
  { host, port }: Place,
  credentials: ProxyCredentials | null,
): Promise<Duplex> {
  const methods = credentials === null ? [NO_SIGN_IN] : [NO_SIGN_IN, BY_PASSWORD];
  socket.write(Buffer.from([5, methods.length, ...methods]));
  const [version, method] = await read(socket, 2);
  if (version !== 5) throw new DeskreelError("PROXY_REFUSED", "the proxy does not speak SOCKS 5");
  if (method === BY_PASSWORD && credentials !== null) {
    const parts = [credentials.username, credentials.password].flatMap((text) => shortBytes(text));
    socket.write(Buffer.from([1, ...parts]));
    const [, status] = await read(socket, 2);
    if (status !== 0)
      throw new DeskreelError("PROXY_SIGN_IN", "the proxy does not accept desktop.proxyCredentials");
  } else if (method !== NO_SIGN_IN) {
    throw new DeskreelError("PROXY_SIGN_IN", "the SOCKS proxy wants a sign-in that we have not");
  }
  const address = isIPv4(host) ? [1, ...host.split(".").map(Number)] : [3, ...shortBytes(host)];
  socket.write(Buffer.from([5, 1, 0, ...address, port >> 8, port & 0xff]));
  const [, fault = 1, , addressType] = await read(socket, 4);
  if (fault !== 0) {
    const why = SOCKS_FAULTS[fault] ?? `fault ${fault}`;
    throw new DeskreelError("PROXY_REFUSED", `the SOCKS proxy does not connect to ${host}:${port}: ${why}`);
  }
  // By which address it reaches the target is of no interest.
  const length = addressType === 1 ? 4 : addressType === 4 ? 16 : ((await read(socket, 1))[0] ?? 0);
  await read(socket, length + 2);
  return socket;
}

/** A text with its length before it, in one byte. */
function shortBytes(text: string): number[] {
  const bytes = [...Buffer.from(text)];
  if (bytes.length > 255)
    throw new DeskreelError("PROXY_REFUSED", `SOCKS takes at most 255 bytes for a name, got ${bytes.length}`);
  return [bytes.length, ...bytes];
}

/** Exactly so many bytes of what comes; the rest stays in the socket. */
async function read(socket: Socket, length: number): Promise<Buffer> {
  for (;;) {
    const bytes = socket.read(length) as Buffer | null;
    if (bytes?.length === length) return bytes;
    await new Promise<void>((resolve, reject) => {
      const settle = (error?: Error) => {
        socket.off("readable", onReadable).off("error", onError).off("close", onClose);
        if (error === undefined) resolve();
        else reject(error);
      };
      const onReadable = () => settle();
      const onError = (error: Error) => settle(error);
      const onClose = () => settle(new DeskreelError("PROXY_REFUSED", "the SOCKS proxy hung up"));
      socket.once("readable", onReadable).once("error", onError).once("close", onClose);
    });
  }
}
