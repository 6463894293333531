import type { Session } from "electron";
import type { DesktopConfig } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { Dial } from "../agent/ports.ts";
import { type Hop, parseProxyUrl } from "../domain/proxy-hops.ts";
import { Dialer } from "../network/dialer.ts";
import { Trust } from "../network/trust.ts";

/** How the recorder is to be reached, by the configuration. */
type NetworkConfig = Pick<DesktopConfig, "proxy" | "proxyCredentials" | "caFile">;

/**
 * Reaches the recorder as a browser on this computer would: by the system's proxies (fixed ones, PAC, WPAD, as Chromium
 * reads them), with the system's certificate authorities.
 */
export function dialAsTheSystemSays(config: NetworkConfig, session: Session, log: Log): Dial {
  const dialer = new Dialer({
    proxy: fixedWay(config.proxy) ?? "system",
    credentials: config.proxyCredentials,
    resolveProxy: (url) => session.resolveProxy(url),
    trust: new Trust(config.caFile, log),
    log,
  });
  return (url) => dialer.dial(url);
}

function fixedWay(proxy: string): Hop | null {
  return proxy === "direct" ? { kind: "direct" } : parseProxyUrl(proxy);
}
