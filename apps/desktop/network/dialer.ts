import { connect as connectTcp, isIP, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import { isCertificateFault } from "../domain/connection-fault.ts";
import { describeHop, type Hop, parseProxyList } from "../domain/proxy-hops.ts";
import type { Trust } from "./trust.ts";
import { type Place, type ProxyCredentials, tunnelByHttp, tunnelBySocks } from "./tunnel.ts";

/** For one way, from the first packet to the end of the TLS handshake. */
const CONNECT_WITHIN_MS: DurationMs = 5_000;
/** Finding a PAC script (WPAD) can take long on a network that has none. */
const RESOLVE_WITHIN_MS: DurationMs = 5_000;
/** A way that did not work is tried last for so long, as browsers do. */
const AVOIDED_FOR_MS: DurationMs = 300_000;
const KEEP_ALIVE_AFTER_MS: DurationMs = 10_000;

export interface DialerOptions {
  /** `system`: as the operating system says for each address; else always by this way. */
  proxy: "system" | Hop;
  credentials: ProxyCredentials | null;
  /** The system's ways to an address, in a PAC script's form: `PROXY a:8080; DIRECT`. */
  resolveProxy: (url: string) => Promise<string>;
  trust: Trust;
  log: Log;
  connectWithinMs?: DurationMs;
}

/**
 * Opens the way to the recorder, also through proxies and with TLS. Nothing is remembered between two attempts but which
 * ways did not work: names, proxies and routes are asked for anew each time.
 */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #withinMs: DurationMs;
  readonly #avoidedUntil = new Map<string, number>();
  #lastWay: string | null = null;

  constructor(options: DialerOptions) {
    this.#options = options;
    this.#withinMs = options.connectWithinMs ?? CONNECT_WITHIN_MS;
  }

  /**
   * @param url - `ws:` or `wss:`; what is sent over the socket then is what the server hears.
   * @throws an error whose `code` says why, of the last way that was tried.
   */
  async dial(url: string): Promise<Duplex> {
    const ways = this.#inOrder(await this.#waysTo(url));
    let fault: unknown = new DeskreelError(
      "PROXY_UNREACHABLE",
      "the proxy settings name no way that a WebSocket can go",
    );
    for (const hop of ways) {
      const name = describeHop(hop);
      try {
        const socket = await this.#go(hop, new URL(url));
        this.#avoidedUntil.delete(name);
        if (name !== this.#lastWay) this.#options.log.info({ way: name }, "way to the recorder found");
        this.#lastWay = name;
        return socket;
      } catch (error) {
        if (isCertificateFault(codeOf(error))) {
          this.#options.trust.forget();
          throw error;
        }
        fault = error;
        this.#avoidedUntil.set(name, performance.now() + AVOIDED_FOR_MS);
        if (ways.length > 1)
          this.#options.log.warn({ way: name, reason: describeError(error) }, "way to the recorder failed");
      }
    }
    throw fault;
  }

  async #waysTo(url: string): Promise<Hop[]> {
    const { proxy, resolveProxy, log } = this.#options;
    if (proxy !== "system") return [proxy];
    try {
      const late = sleep(RESOLVE_WITHIN_MS, null, { ref: false });
      const list = await Promise.race([resolveProxy(url), late]);
      if (list !== null) return parseProxyList(list);
      log.warn("the system does not say by which proxy, going without");
    } catch (error) {
      log.warn({ reason: describeError(error) }, "the system's proxy settings cannot be read, going without");
    }
    return [{ kind: "direct" }];
  }

  #inOrder(ways: readonly Hop[]): Hop[] {
    const now = performance.now();
    const isAvoided = (hop: Hop) => (this.#avoidedUntil.get(describeHop(hop)) ?? 0) > now;
    return [...ways.filter((hop) => !isAvoided(hop)), ...ways.filter(isAvoided)];
  }

  async #go(hop: Hop, { protocol, hostname, port }: URL): Promise<Duplex> {
    const isSecure = protocol === "wss:";
    const target: Place = {
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? (isSecure ? 443 : 80) : Number(port),
    };
    const first = openSocket(hop.kind === "direct" ? target : hop);
    let isLate = false;
    const limit = setTimeout(() => {
      isLate = true;
      first.destroy();
    }, this.#withinMs);
    try {
      const way = await this.#passProxy(first, hop, target);
      return isSecure ? await this.#secure(way, target.host) : way;
    } catch (cause) {
      first.destroy();
      if (!isLate) throw cause;
      const code = hop.kind === "direct" ? "CONNECT_TIMEOUT" : "PROXY_UNREACHABLE";
      throw new DeskreelError(code, `no connection within ${this.#withinMs} ms`, { cause });
    } finally {
      clearTimeout(limit);
    }
  }

  async #passProxy(socket: Socket, hop: Hop, target: Place): Promise<Duplex> {
    if (hop.kind === "direct") {
      await connected(socket, "connect");
      return socket;
    }
    let near = socket;
    try {
      await connected(socket, "connect");
      if (hop.kind === "https") near = await this.#secure(socket, hop.host);
    } catch (cause) {
      throw new DeskreelError("PROXY_UNREACHABLE", `${describeHop(hop)} cannot be reached`, { cause });
    }
    const tunnel = hop.kind === "socks5" ? tunnelBySocks : tunnelByHttp;
    return tunnel(near, target, this.#options.credentials);
  }

  async #secure(socket: Duplex, host: string): Promise<Socket> {
    const secured = toleratingErrors(
      connectTls({
        socket,
        host,
        ...(isIP(host) === 0 && { servername: host }),
        secureContext: this.#options.trust.context,
        ALPNProtocols: ["http/1.1"],
      }),
    );
    await connected(secured, "secureConnect");
    return secured;
  }
}

/** Of a name's addresses, also of both families, the first that answers is taken (Node's own "happy eyeballs"). */
function openSocket({ host, port }: Place): Socket {
  const socket = connectTcp({ host, port, autoSelectFamily: true, noDelay: true });
  return toleratingErrors(socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS));
}

/** Between its making and the WebSocket nobody may be listening for a moment; what breaks then shows by its close. */
function toleratingErrors<Kind extends Socket>(socket: Kind): Kind {
  return socket.on("error", () => {});
}

function connected(socket: Socket, event: "connect" | "secureConnect"): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: Error) => {
      socket.off(event, onConnected).off("error", settle).off("close", onClose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onConnected = () => settle();
    const onClose = () => settle(new DeskreelError("HUNG_UP", "the connection was closed before it stood"));
    socket.once(event, onConnected).once("error", settle).once("close", onClose);
  });
}

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}
