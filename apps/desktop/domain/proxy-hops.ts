/** One way to the recorder: without a proxy, or through one. */
export type Hop =
  | { kind: "direct" }
  | {
      /** What the proxy itself is spoken to with; `https` is HTTP over TLS. */
      kind: "http" | "https" | "socks5";
      host: string;
      port: number;
    };

const KINDS: Readonly<Record<string, { kind: "http" | "https" | "socks5"; port: number }>> = {
  PROXY: { kind: "http", port: 80 },
  HTTP: { kind: "http", port: 80 },
  HTTPS: { kind: "https", port: 443 },
  SOCKS5: { kind: "socks5", port: 1080 },
};
/** A host, or an IPv6 address in brackets, and perhaps a port. */
const PLACE = /^(\[[\da-f:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/i;

/**
 * The ways that a PAC script, or the system's setting in the same form, names: `PROXY a:8080; HTTPS b; DIRECT`. They are
 * to be tried in this order. What is no way for a WebSocket (SOCKS 4, QUIC) or cannot be read is left out.
 */
export function parseProxyList(text: string): Hop[] {
  return text
    .split(";")
    .map((entry) => parseEntry(entry.trim()))
    .filter((hop) => hop !== null);
}

/** `http://proxy:8080`, `https://…` or `socks5://…`, as a configuration names a proxy; null: none of these. */
export function parseProxyUrl(text: string): Hop | null {
  const match = /^(https?|socks5):\/\/([^/]+)\/?$/i.exec(text);
  const name = match?.[1]?.toUpperCase() ?? "";
  return parseEntry(`${name} ${match?.[2] ?? ""}`);
}

/** How a way is told of in the log. */
export function describeHop(hop: Hop): string {
  return hop.kind === "direct" ? "direct" : `${hop.kind}://${bracketed(hop.host)}:${hop.port}`;
}

/** An IPv6 address as it stands in a URL or a Host header. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

function parseEntry(entry: string): Hop | null {
  const [type = "", place = "", ...rest] = entry.split(/\s+/);
  if (type.toUpperCase() === "DIRECT" && place === "") return { kind: "direct" };
  const known = KINDS[type.toUpperCase()];
  const match = PLACE.exec(place);
  if (known === undefined || match === null || rest.length > 0) return null;
  const [, host = "", digits] = match;
  const port = digits === undefined ? known.port : Number(digits);
  if (port < 1 || port > 65_535) return null;
  return { kind: known.kind, host: host.replace(/^\[|\]$/g, ""), port };
}
