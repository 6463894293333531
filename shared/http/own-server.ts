import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request as plainRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as tlsRequest } from "node:https";
import type { TLSSocket } from "node:tls";
import type { CertificateFiles } from "./certificate.ts";

/** Where a program of this machine listens, by its configuration. */
export interface OwnServer {
  host: string;
  port: number;
  tls: CertificateFiles | null;
}

export interface OwnAnswer {
  status: number;
  text: string;
}

/** The URL by which this machine reaches it. */
export function ownUrl({ host, port, tls }: OwnServer): string {
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  const name = reachable.includes(":") ? `[${reachable}]` : reachable;
  return `${tls === null ? "http" : "https"}://${name}:${port}`;
}

/**
 * Asks a program of ours on this machine. Its certificate is for the name by which others know it, not for the address
 * that it is reached by here, so it is that very certificate that is asked for, whoever issued it.
 */
export async function askOwnServer(
  server: OwnServer,
  path: string,
  init: { method?: string; headers?: Record<string, string>; body?: string; signal: AbortSignal },
): Promise<OwnAnswer> {
  const { method = "GET", headers = {}, body, signal } = init;
  const url = ownUrl(server) + path;
  const options: RequestOptions = { method, headers, signal, agent: false };
  const leaf = server.tls === null ? null : new X509Certificate(await readFile(server.tls.certFile));
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const request =
      leaf === null
        ? plainRequest(url, options, resolve)
        : tlsRequest(url, { ...options, rejectUnauthorized: false }, resolve);
    request.once("error", reject);
    if (leaf !== null) {
      request.once("socket", (socket: TLSSocket) =>
        socket.once("secureConnect", () => {
          if (socket.getPeerX509Certificate()?.fingerprint256 !== leaf.fingerprint256)
            request.destroy(new Error(`${url} has another certificate than ${server.tls?.certFile}`));
        }),
      );
    }
    request.end(body);
  });
  response.setEncoding("utf8");
  let text = "";
  for await (const part of response) text += part;
  return { status: response.statusCode ?? 0, text };
}
