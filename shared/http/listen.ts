import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { DeskreelError, isSystemError } from "../runtime/errors.ts";
import type { Certificate } from "./certificate.ts";

/** A bound HTTP server; disposing stops accepting and cuts what is still open. */
export interface HttpListener extends AsyncDisposable {
  readonly server: Server;
  /** The bound port, also when 0 was asked for. */
  readonly port: number;
  /** e.g. `http://127.0.0.1:7400` */
  readonly url: string;
}

/**
 * Binds an HTTP server.
 *
 * @param certificate - speak TLS with it; it stays the caller's.
 * @throws DeskreelError `PORT_TAKEN` that names the program holding the port, `CANNOT_LISTEN` for other reasons.
 */
export async function listenHttp(
  name: string,
  address: { host: string; port: number },
  handler: RequestListener,
  certificate: Certificate | null = null,
): Promise<HttpListener> {
  const server = certificate === null ? createServer(handler) : createSecureServer(certificate, handler);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch((cause: unknown) => {
    throw bindError(name, address, cause);
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: `${certificate === null ? "http" : "https"}://${bracketed(address.host)}:${port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createSecureServer(certificate: Certificate, handler: RequestListener): Server {
  const { cert, key } = certificate;
  const server = createTlsServer({ cert, key, minVersion: "TLSv1.2" }, handler);
  certificate.serve(server);
  return server;
}

/** A host as it stands in a URL. */
function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function bindError(name: string, address: { host: string; port: number }, cause: unknown): DeskreelError {
  const place = `${address.host}:${address.port}`;
  if (isSystemError(cause, "EADDRINUSE")) {
    const holder = portHolder(address.port);
    const by = holder === null ? "another program" : `${holder.command} (pid ${holder.pid})`;
    return new DeskreelError(
      "PORT_TAKEN",
      `${name} cannot listen on ${place}: ${by} holds that port; stop it or configure another port`,
      { cause },
    );
  }
  return new DeskreelError("CANNOT_LISTEN", `${name} cannot listen on ${place}`, { cause });
}

/** Who listens on a TCP port of this machine: read from /proc, so Linux only and only what this user may see. */
export function portHolder(port: number): { pid: number; command: string } | null {
  try {
    const inodes = listeningInodes(port);
    if (inodes.size === 0) return null;
    for (const pid of readdirSync("/proc").filter((entry) => /^\d+$/.test(entry))) {
      if (holdsAny(pid, inodes)) {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8")
          .split("\0")
          .filter(Boolean)
          .slice(0, 3)
          .join(" ");
        return { pid: Number(pid), command };
      }
    }
  } catch {
    // No /proc (not Linux), or a process that ended while it was read: the holder stays unnamed.
  }
  return null;
}

function listeningInodes(port: number): Set<string> {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    // A machine without IPv6 has no table of it.
    if (!existsSync(table)) continue;
    for (const line of readFileSync(table, "utf8").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const isListening = fields[3] === "0A";
      if (isListening && fields[1]?.endsWith(`:${wanted}`) && fields[9] !== undefined)
        inodes.add(`socket:[${fields[9]}]`);
    }
  }
  return inodes;
}

function holdsAny(pid: string, sockets: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      try {
        return sockets.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
      } catch {
        return false; // Closed between the listing and the look.
      }
    });
  } catch {
    return false; // Another user's process.
  }
}
