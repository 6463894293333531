import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Certificate } from "#shared/http/certificate.ts";
import { type HttpListener, listenHttp } from "#shared/http/listen.ts";
import { type IssueOptions, TestAuthority } from "#shared/http/testing/test-authority.ts";
import { openUnacceptingHost } from "#shared/http/testing/unaccepting-host.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { HAS_PROXIES, startHttpProxy, startSocksProxy } from "../../../e2e/rig/proxies.ts";
import { parseProxyUrl } from "../domain/proxy-hops.ts";
import { Dialer, type DialerOptions } from "./dialer.ts";
import { Trust } from "./trust.ts";

const HOUR_MS = 3_600_000;

let folder: string;
let authority: TestAuthority;
let parts: AsyncDisposableStack;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-dial-"));
  authority = await TestAuthority.create(join(folder, "ca"));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  parts = new AsyncDisposableStack();
});
afterEach(() => parts.disposeAsync());

/** A server of one answer; with a certificate unless `plain`. */
async function serve(issue: IssueOptions | "plain" = {}): Promise<HttpListener> {
  const certificate =
    issue === "plain" ? null : parts.use(await Certificate.open(await authority.issue(issue), silentLog()));
  const place = { host: "127.0.0.1", port: 0 };
  const handler = (_request: unknown, response: { end: (text: string) => void }) => response.end("hello");
  return parts.use(await listenHttp("test", place, handler, certificate));
}

const closed = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));
const wsUrl = ({ url }: HttpListener) => url.replace(/^http/, "ws");

function dialer(options: Partial<DialerOptions> & { pac?: string; caFile?: string | null } = {}): Dialer {
  const { pac = "DIRECT", caFile = authority.caFile, ...rest } = options;
  const log = silentLog();
  return new Dialer({
    // For what hangs; where giving up is the matter, a test says in what time.
    ...{ proxy: "system", credentials: null, log, connectWithinMs: 30_000 },
    resolveProxy: () => Promise.resolve(pac),
    trust: new Trust(caFile, log),
    ...rest,
  });
}

/** What the server says over the connection that was dialed. */
async function hear(by: Dialer, url: string): Promise<string> {
  const socket = await by.dial(url);
  try {
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let text = "";
    for await (const part of socket) text += String(part);
    return text.split("\r\n").at(-1) === "" ? text : text.slice(text.indexOf("\r\n\r\n") + 4);
  } finally {
    socket.destroy();
  }
}

test.each(["plain", {}] as const)("without a proxy the recorder itself is reached (%j)", async (issue) => {
  expect(await hear(dialer(), wsUrl(await serve(issue)))).toContain("hello");
});

test("a name that has several addresses is reached by one that answers", async () => {
  const server = await serve("plain");
  // The server is on 127.0.0.1 alone, and the name may be ::1 as well.
  expect(await hear(dialer(), `ws://localhost:${server.port}`)).toContain("hello");
});

test.each<[string, IssueOptions, string]>([
  [
    "has expired",
    { from: new Date(Date.now() - 2 * HOUR_MS), to: new Date(Date.now() - HOUR_MS) },
    "CERT_HAS_EXPIRED",
  ],
  ["is not valid yet", { from: new Date(Date.now() + HOUR_MS) }, "CERT_NOT_YET_VALID"],
  ["is for another name", { names: "DNS:other.contoso.com" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
])("a certificate that %s is refused", async (_title, issue, code) => {
  await expect(dialer().dial(wsUrl(await serve(issue)))).rejects.toMatchObject({ code });
});

test("a certificate of an issuer that is not known is refused, and taken once an administrator has added it", async () => {
  const server = await serve();
  const unknowing = dialer({ caFile: null });
  const refusal = { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" };
  await expect(unknowing.dial(wsUrl(server))).rejects.toMatchObject(refusal);
  const before = process.env["SSL_CERT_FILE"];
  process.env["SSL_CERT_FILE"] = authority.caFile;
  try {
    expect(await hear(unknowing, wsUrl(server))).toContain("hello");
  } finally {
    if (before === undefined) delete process.env["SSL_CERT_FILE"];
    else process.env["SSL_CERT_FILE"] = before;
  }
});

test("authorities that cannot be read are done without", async () => {
  await expect(dialer({ caFile: join(folder, "none.pem") }).dial(wsUrl(await serve()))).rejects.toMatchObject(
    {
      code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    },
  );
});

test("a host that does not answer is given up in time", async () => {
  const host = parts.use(await openUnacceptingHost());
  const url = `ws://${host.host}`;
  await expect(dialer({ connectWithinMs: 300 }).dial(url)).rejects.toMatchObject({ code: "CONNECT_TIMEOUT" });
});

test("a server that accepts but does not speak TLS is given up in time", async () => {
  // What is left of the connection would keep it from closing.
  const server = createServer((socket) => socket.resume().on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  parts.defer(() => closed(server));
  const { port } = server.address() as { port: number };
  const silent = dialer({ connectWithinMs: 300 });
  await expect(silent.dial(`wss://127.0.0.1:${port}`)).rejects.toMatchObject({ code: "CONNECT_TIMEOUT" });
});

test("of the ways that are named the first that works is taken, and one that did not is tried last", async () => {
  const server = await serve("plain");
  let tries = 0;
  const broken = createServer((socket) => {
    tries += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(broken, "listening");
  parts.defer(() => closed(broken));
  const { port } = broken.address() as { port: number };
  const asked: string[] = [];
  const by = dialer({
    resolveProxy: (url) => {
      asked.push(url);
      return Promise.resolve(`PROXY 127.0.0.1:${port}; DIRECT`);
    },
  });
  expect(await hear(by, wsUrl(server))).toContain("hello");
  expect(await hear(by, wsUrl(server))).toContain("hello");
  // The system is asked each time, for its answer may have changed.
  expect([tries, asked]).toEqual([1, [wsUrl(server), wsUrl(server)]]);
});

test("proxy settings that cannot be had, or take too long, are gone without", async () => {
  const server = await serve("plain");
  const failing = dialer({ resolveProxy: () => Promise.reject(new Error("no settings")) });
  expect(await hear(failing, wsUrl(server))).toContain("hello");
});

test("settings that name no way for a WebSocket are told of", async () => {
  await expect(dialer({ pac: "SOCKS a:1" }).dial("ws://127.0.0.1:1")).rejects.toMatchObject({
    code: "PROXY_UNREACHABLE",
  });
});

describe.skipIf(!HAS_PROXIES)("through a proxy", () => {
  test.each([
    ["an HTTP proxy", startHttpProxy, "PROXY", "http"],
    ["a SOCKS proxy", startSocksProxy, "SOCKS5", "socks5"],
  ])(
    "%s is gone through, by the system's word or the configuration's",
    async (_name, start, type, scheme) => {
      const proxy = parts.use(await start());
      const server = await serve();
      expect(await hear(dialer({ pac: `${type} 127.0.0.1:${proxy.port}` }), wsUrl(server))).toContain(
        "hello",
      );
      const configured = parseProxyUrl(`${scheme}://127.0.0.1:${proxy.port}`) ?? "system";
      expect(await hear(dialer({ proxy: configured }), wsUrl(await serve("plain")))).toContain("hello");
      // The certificate is the recorder's, whatever is between.
      const expired = await serve({ names: "DNS:other.contoso.com" });
      await expect(dialer({ proxy: configured }).dial(wsUrl(expired))).rejects.toMatchObject({
        code: "ERR_TLS_CERT_ALTNAME_INVALID",
      });
    },
  );

  test.each([
    ["an HTTP proxy", startHttpProxy, "PROXY"],
    ["a SOCKS proxy", startSocksProxy, "SOCKS5"],
  ])("%s that wants a sign-in gets the configured one", async (_name, start, type) => {
    const credentials = { username: "ann", password: "hush" };
    const proxy = parts.use(await start({ credentials }));
    const pac = `${type} 127.0.0.1:${proxy.port}`;
    const url = wsUrl(await serve());
    expect(await hear(dialer({ pac, credentials }), url)).toContain("hello");
    const refusal = { code: "PROXY_SIGN_IN" };
    await expect(dialer({ pac }).dial(url)).rejects.toMatchObject(refusal);
    const wrong = { ...credentials, password: "wrong" };
    await expect(dialer({ pac, credentials: wrong }).dial(url)).rejects.toMatchObject(refusal);
  });

  test.each([
    ["an HTTP proxy", startHttpProxy, "PROXY"],
    ["a SOCKS proxy", startSocksProxy, "SOCKS5"],
  ])("%s that cannot reach the recorder is told of", async (_name, start, type) => {
    const proxy = parts.use(await start());
    const gone = await serve("plain");
    await gone[Symbol.asyncDispose]();
    const refusal = { code: "PROXY_REFUSED" };
    await expect(dialer({ pac: `${type} 127.0.0.1:${proxy.port}` }).dial(wsUrl(gone))).rejects.toMatchObject(
      refusal,
    );
  });

  test("a proxy that is itself spoken to by TLS is gone through", async () => {
    const proxy = parts.use(await startHttpProxy());
    const { certFile, keyFile } = await authority.issue();
    const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
    const front = createTlsServer(tls, (near) => {
      const far = connect(proxy.port, "127.0.0.1");
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on("error", () => {});
    }).listen(0, "127.0.0.1");
    await once(front, "listening");
    parts.defer(() => closed(front));
    const { port } = front.address() as { port: number };
    expect(await hear(dialer({ pac: `HTTPS 127.0.0.1:${port}` }), wsUrl(await serve()))).toContain("hello");
    const distrusted = dialer({ pac: `HTTPS 127.0.0.1:${port}`, caFile: null });
    await expect(distrusted.dial(wsUrl(await serve("plain")))).rejects.toMatchObject({
      code: "PROXY_UNREACHABLE",
    });
  });
});
