import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { CHANNEL_PATH, CLOSE_CODES, MAX_FRAME_BYTES, SUBPROTOCOL } from "#shared/protocol/messages.ts";
import { isLoopback } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { CaptureCoordinator } from "../capture/coordinator.ts";
import type { DesktopIdentity } from "../capture/desktop-link.ts";
import type { DesktopSession } from "../capture/desktop-session.ts";
import { AttemptLimit } from "../trust/attempt-limit.ts";
import type { DesktopRegistry } from "../trust/desktop-registry.ts";
import { DesktopConnection } from "./desktop-connection.ts";

/** How often desktops send a ping. */
const HEARTBEAT_MS: DurationMs = 1_000;
/** A desktop without a message for this long is lost; twice a ping may be late. */
const SILENT_AFTER_MS: DurationMs = 3_000;
/** ws itself ends a connection at this size (1009), unread; below it we answer with the fault. */
const MAX_PAYLOAD_BYTES = 4 * MAX_FRAME_BYTES;
/** Answers to commands are in flight for moments only: at the end nothing is worth waiting longer for. */
const CLOSING_MS: DurationMs = 1_000;
/**
 * Wrong enrolment tokens that one address may send in a minute. Behind a proxy all desktops have one address, and each of
 * them tries once a minute.
 */
const WRONG_TOKENS_PER_MINUTE = 60;

export interface DesktopChannelOptions {
  coordinator: CaptureCoordinator;
  /** Whose a desktop is, whatever it says. */
  ownerOf: (desktop: DesktopIdentity) => string;
  /** Whether the alias file says whose a desktop is. */
  isAssigned: (desktop: DesktopIdentity) => boolean;
  trust: Pick<DesktopRegistry, "findByKey" | "enrol" | "admit" | "noteSeen" | "onRevoked">;
  routerRtpCapabilities: Record<string, unknown>;
  /** Names beside loopback that the Host header may carry, as for the HTTP routes. */
  allowedHosts: readonly string[];
  clock: Clock;
  log: Log;
  heartbeatMs?: DurationMs;
  silentAfterMs?: DurationMs;
  wrongTokensPerMinute?: number;
}

/** The WebSocket end of the recorder; disposing says goodbye to every desktop. */
export interface DesktopChannel extends AsyncDisposable {
  /** Takes the upgrade requests of a server; any other path than the channel's is answered 404. */
  attach(server: Server): void;
}

/** Opens the desktop channel; the coordinator stays the caller's and outlives it. */
export function openDesktopChannel(options: DesktopChannelOptions): DesktopChannel {
  const { coordinator, ownerOf, isAssigned, trust, routerRtpCapabilities, clock } = options;
  const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS;
  const silentAfterMs = options.silentAfterMs ?? SILENT_AFTER_MS;
  const log = options.log.child({ concern: "channel" });
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_PAYLOAD_BYTES,
    perMessageDeflate: false,
    handleProtocols: () => SUBPROTOCOL,
  });
  const connections = new Set<DesktopConnection>();
  const servers: Server[] = [];
  const attempts = new AttemptLimit(options.wrongTokensPerMinute ?? WRONG_TOKENS_PER_MINUTE, 60_000);
  const answersFor = (host: string) => isOwnHost(host, options.allowedHosts);
  /** By desktop id: for whom it has spoken last. */
  const sessions = new Map<string, DesktopSession>();
  /** Which desktop id has spoken for it last. */
  const speakers = new WeakMap<DesktopSession, string>();

  sockets.on("connection", (socket, request: IncomingMessage) => {
    const connection = new DesktopConnection(socket, {
      facts: {
        ...{ coordinator, ownerOf, isAssigned, trust, attempts, answersFor },
        ...{ routerRtpCapabilities, heartbeatMs, clock },
        remoteAddress: request.socket.remoteAddress ?? "",
      },
      silentAfterMs,
      replaceOthers(current, desktop) {
        if (current.key !== null) {
          sessions.set(current.key.id, desktop);
          speakers.set(desktop, current.key.id);
        }
        for (const other of connections) {
          if (other !== current && other.desktop === desktop)
            other.close(CLOSE_CODES.replaced, "another connection of this desktop took over");
        }
      },
      log: log.child({ remote: `${request.socket.remoteAddress}:${request.socket.remotePort}` }),
    });
    connections.add(connection);
    void connection.closed.then(() => {
      connections.delete(connection);
      if (connection.key !== null) trust.noteSeen(connection.key.id, connection.key.keyProtection);
    });
  });
  const forgetRevocations = trust.onRevoked((id) => {
    for (const connection of connections)
      if (connection.key?.id === id)
        connection.close(CLOSE_CODES.revoked, "an admin has revoked this desktop");
    const session = sessions.get(id);
    sessions.delete(id);
    // Its media would outlive its connection. Another key may speak for the same desktop by now, and goes on.
    if (session === undefined || speakers.get(session) !== id) return;
    session
      .dropMedia()
      .catch((error: unknown) => log.error({ err: error }, "media of a revoked desktop could not be closed"));
  });

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = refuseUpgrade(request, options.allowedHosts);
    if (refusal !== null) {
      log.warn({ refusal }, "connection refused");
      socket.end(`HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit("connection", client, request));
  }

  return {
    attach(server) {
      server.on("upgrade", upgrade);
      servers.push(server);
    },
    async [Symbol.asyncDispose]() {
      for (const server of servers) server.off("upgrade", upgrade);
      forgetRevocations();
      const closed = Promise.all([...connections].map((connection) => connection.closed));
      for (const connection of connections)
        connection.close(CLOSE_CODES.goingAway, "the recorder shuts down");
      const cutOff = setTimeout(() => {
        for (const client of sockets.clients) client.terminate();
      }, CLOSING_MS);
      await closed;
      clearTimeout(cutOff);
      await new Promise((resolve) => sockets.close(resolve));
    },
  };
}

/** The status line of a refusal, null when the request is a desktop's. */
function refuseUpgrade(request: IncomingMessage, allowedHosts: readonly string[]): string | null {
  const path = (request.url ?? "").split("?")[0];
  if (path !== CHANNEL_PATH) return "404 Not Found";
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!isOwnHost(host, allowedHosts)) return "421 Misdirected Request";
  // A desktop sends no Origin; only a web page in some browser does.
  if (request.headers.origin !== undefined) return "403 Forbidden";
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  if (!offered.includes(SUBPROTOCOL)) return "400 Bad Request";
  return null;
}

function isOwnHost(host: string, allowedHosts: readonly string[]): boolean {
  return isLoopback(host) || allowedHosts.some((name) => name.toLowerCase() === host.toLowerCase());
}
