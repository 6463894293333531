import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { X509Certificate } from "node:crypto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog, silentLog } from "../runtime/log.ts";
import { trustedAuthorities } from "../runtime/trusted-authorities.ts";
import { Certificate, type CertificateFiles } from "./certificate.ts";
import { type HttpListener, listenHttp } from "./listen.ts";
import { askOwnServer } from "./own-server.ts";
import { TestAuthority } from "./testing/test-authority.ts";

const WITHIN = { timeout: 15_000, interval: 20 };

let folder: string;
let authority: TestAuthority;
let parts: AsyncDisposableStack;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "deskreel-tls-"));
  authority = await TestAuthority.create(join(folder, "ca"));
  parts = new AsyncDisposableStack();
});
afterEach(async () => {
  await parts.disposeAsync();
  await rm(folder, { recursive: true });
});

async function serve(files: CertificateFiles, log = silentLog()): Promise<HttpListener> {
  const certificate = parts.use(await Certificate.open(files, log, 20));
  const place = { host: "127.0.0.1", port: 0 };
  const listener = await listenHttp(
    "test",
    place,
    (_request, response) => response.end("hello"),
    certificate,
  );
  return parts.use(listener);
}

/** What is answered, by whose certificate; rejects when it is not trusted. */
function ask(url: string, ca: string[]): Promise<{ text: string; serial: string }> {
  return new Promise((resolve, reject) => {
    request(url, { ca, agent: false }, (response) => {
      const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ text, serial: serialNumber }));
    })
      .on("error", reject)
      .end();
  });
}

const serialOf = async ({ certFile }: CertificateFiles) =>
  new X509Certificate(await readFile(certFile)).serialNumber;

test("a listener with a certificate speaks TLS, and whoever trusts its authority gets its answer", async () => {
  const files = await authority.issue();
  const { url } = await serve(files);
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  expect(await ask(url, trustedAuthorities(authority.caFile))).toEqual({
    text: "hello",
    serial: await serialOf(files),
  });
  await expect(ask(url, trustedAuthorities(null))).rejects.toMatchObject({
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  });
});

test("a renewed certificate is taken without a restart, and one whose key is not there yet only then", async () => {
  const [first, second] = [await authority.issue(), await authority.issue()];
  const files = { certFile: join(folder, "tls.pem"), keyFile: join(folder, "tls.key") };
  await copyFile(first.certFile, files.certFile);
  await copyFile(first.keyFile, files.keyFile);
  const lines: string[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(line) });
  const { url } = await serve(files, log);
  const ca = trustedAuthorities(authority.caFile);
  const said = (text: string) => vi.waitFor(() => expect(lines.join("")).toContain(text), WITHIN);

  await copyFile(second.certFile, files.certFile);
  await said("the one before stays in force");
  expect((await ask(url, ca)).serial).toBe(await serialOf(first));
  await copyFile(second.keyFile, files.keyFile);
  await vi.waitFor(async () => expect((await ask(url, ca)).serial).toBe(await serialOf(second)), WITHIN);
  await said("certificate renewed");
});

test.each<[string, (files: CertificateFiles) => Promise<unknown>, (files: CertificateFiles) => string]>([
  ["is missing", ({ keyFile }) => rm(keyFile), ({ keyFile }) => `${keyFile} cannot be read`],
  [
    "is no certificate",
    ({ certFile }) => writeFile(certFile, "hello"),
    ({ certFile }) => `${certFile} has no certificate in PEM`,
  ],
  [
    "is no key",
    ({ keyFile }) => writeFile(keyFile, "hello"),
    ({ keyFile }) => `${keyFile} has no private key in PEM`,
  ],
  [
    "is another's key",
    async ({ keyFile }) => copyFile((await authority.issue()).keyFile, keyFile),
    ({ keyFile, certFile }) => `${keyFile} is not the key of the first certificate in ${certFile}`,
  ],
])("a file that %s is named", async (_title, spoil, message) => {
  const files = await authority.issue();
  await spoil(files);
  await expect(Certificate.open(files, silentLog())).rejects.toThrow(message(files));
});

test("a file of authorities without a certificate in it is named", async () => {
  const file = join(folder, "ca.pem");
  await writeFile(file, "hello");
  expect(() => trustedAuthorities(file)).toThrow(`${file} (caFile) has no certificate in PEM`);
});

test("a program asks its own server by that one's certificate, whatever name it is for, and no other", async () => {
  const files = await authority.issue({ names: "DNS:recorder.example" });
  const { port } = await serve(files);
  const server = { host: "0.0.0.0", port, tls: files };
  const signal = AbortSignal.timeout(15_000);
  expect(await askOwnServer(server, "/", { signal })).toEqual({ status: 200, text: "hello" });
  const other = await authority.issue({ names: "DNS:recorder.example" });
  await expect(askOwnServer({ ...server, tls: other }, "/", { signal })).rejects.toThrow(
    `has another certificate than ${other.certFile}`,
  );
});
