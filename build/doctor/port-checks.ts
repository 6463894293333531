import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import type { CertificateFiles } from "#shared/http/certificate.ts";
import { portHolder } from "#shared/http/listen.ts";
import { isLoopback } from "#shared/runtime/config-schema.ts";
import { describeError, isSystemError } from "#shared/runtime/errors.ts";
import type { Finding, FindingMaker } from "./finding.ts";

/** A place that a program of ours listens on. */
export interface Listening {
  /** What it is for. */
  name: string;
  /** The configuration's key of it, without `.host` or `.port`. */
  key: string;
  host: string;
  port: number;
  /** Media comes by both. */
  protocols: readonly ("tcp" | "udp")[];
  /** Absent or null: it speaks plain HTTP. */
  tls?: CertificateFiles | null;
}

/**
 * Whether the port is free, or held by our own program; each bind is let go at once.
 *
 * @param runs - our program is running, so it holds its ports; its name.
 */
export async function checkPort(
  group: FindingMaker,
  place: Listening,
  runs: string | null,
): Promise<Finding> {
  const { ok, fail } = group;
  const { name, key, host, port } = place;
  const where = `${host}:${port}`;
  if (port === 0) return ok(name, `${host}, any free port`);
  for (const protocol of place.protocols) {
    const error = await bindError(protocol, host, port);
    if (error === null) continue;
    if (isSystemError(error, "EADDRINUSE")) {
      const holder = protocol === "tcp" ? portHolder(port) : null;
      const who = holder === null ? "another program" : `${shorten(holder.command)} (pid ${holder.pid})`;
      if (runs !== null)
        return ok(name, `${where}, held by ${holder === null ? runs : `${runs}, pid ${holder.pid}`}`);
      return fail(name, `${where} (${protocol}) is held by ${who}`, `stop it, or set another ${key} port`);
    }
    if (isSystemError(error, "EADDRNOTAVAIL"))
      return fail(
        name,
        `${host} is no address of this machine`,
        `set ${key} to one of ${addresses().join(", ")}`,
      );
    if (isSystemError(error, "EACCES"))
      return fail(name, `${where} may not be used by this user`, `set ${key} to a port from 1024 on`);
    return fail(name, `${where} (${protocol}) cannot be used: ${describeError(error)}`, `set another ${key}`);
  }
  return ok(name, `${where} is free`);
}

/** @returns why it cannot be bound; null when it can. */
function bindError(protocol: "tcp" | "udp", host: string, port: number): Promise<Error | null> {
  return new Promise((resolve) => {
    if (protocol === "tcp") {
      const server = createServer().once("error", resolve);
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
    } else {
      const socket = createSocket(host.includes(":") ? "udp6" : "udp4").once("error", resolve);
      socket.bind({ address: host, port, exclusive: true }, () => socket.close(() => resolve(null)));
    }
  });
}

/** What others reach without TLS; nothing for a listener that only this machine reaches. */
export function judgeExposure(
  group: FindingMaker,
  { name, key, host, tls = null }: Listening,
  consequence: string,
): Finding[] {
  if (isLoopback(host) || tls !== null) return [];
  return [
    group.warn(
      `${name}, exposed`,
      `${host} is reached from outside and has no TLS: ${consequence}`,
      `set ${key}.tls, or have nothing but a TLS proxy reach it; see docs/NETWORK.md`,
    ),
  ];
}

/** Whether desktops can reach the media port as it is announced to them. */
export function judgeMediaAddress(
  group: FindingMaker,
  webrtc: { listenIp: string; announcedAddress: string | null },
  httpHost: string,
): Finding[] {
  const { listenIp, announcedAddress } = webrtc;
  const announced = announcedAddress ?? listenIp;
  const set = "set recorder.webrtc.announcedAddress to the address that desktops reach this machine by";
  if (announced === "0.0.0.0" || announced === "::")
    return [group.fail("media address", `desktops are told ${announced}, which is no address`, set)];
  if (!isLoopback(httpHost) && isLoopback(announced))
    return [
      group.fail("media address", `desktops elsewhere are told ${announced}, where they are alone`, set),
    ];
  return [group.ok("media address", `desktops are told ${announced}`)];
}

function addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address) ?? []);
}

function shorten(command: string): string {
  return command.length > 50 ? `${command.slice(0, 49)}…` : command;
}
