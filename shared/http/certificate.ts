import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Server } from "node:https";
import { DeskreelError, describeError } from "../runtime/errors.ts";
import type { Log } from "../runtime/log.ts";
import type { DurationMs, EpochMs } from "../time/units.ts";

/** A PEM certificate, with the intermediate ones after it, and its private key. */
export interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** Stat is asked, not the kernel's notification, which symbolic links and network drives do not give. */
const LOOK_EVERY_MS: DurationMs = 5_000;
const SOON_MS: DurationMs = 14 * 86_400_000;

interface Pair {
  cert: string;
  key: string;
  leaf: X509Certificate;
}

/**
 * A server's certificate, read again whenever its files change, so that a renewed one needs no restart. Files that are no
 * pair (one may be written before the other) are told of and change nothing. Disposing ends the watch.
 */
export class Certificate implements Disposable {
  readonly #files: CertificateFiles;
  readonly #log: Log;
  readonly #servers = new Set<Server>();
  readonly #noteChange = () => this.#readAgain();
  #pair: Pair;
  #turn: Promise<void> = Promise.resolve();

  private constructor(files: CertificateFiles, pair: Pair, log: Log, lookEveryMs: DurationMs) {
    this.#files = files;
    this.#pair = pair;
    this.#log = log.child({ concern: "certificate" });
    this.#tell("certificate loaded");
    for (const path of [files.certFile, files.keyFile])
      watchFile(path, { interval: lookEveryMs, persistent: false }, this.#noteChange);
  }

  /** @throws DeskreelError `BAD_CERTIFICATE` that names the file and what is wrong with it. */
  static async open(
    files: CertificateFiles,
    log: Log,
    lookEveryMs: DurationMs = LOOK_EVERY_MS,
  ): Promise<Certificate> {
    return new Certificate(files, await readPair(files), log, lookEveryMs);
  }

  get cert(): string {
    return this.#pair.cert;
  }

  get key(): string {
    return this.#pair.key;
  }

  get expiresAt(): EpochMs {
    return this.#pair.leaf.validToDate.getTime();
  }

  /** From now on the server's new connections get the newest certificate. */
  serve(server: Server): void {
    this.#servers.add(server);
    server.once("close", () => this.#servers.delete(server));
  }

  [Symbol.dispose](): void {
    // Another listener may watch the same files.
    for (const path of [this.#files.certFile, this.#files.keyFile]) unwatchFile(path, this.#noteChange);
  }

  #readAgain(): void {
    this.#turn = this.#turn.then(async () => {
      try {
        const pair = await readPair(this.#files);
        if (pair.cert === this.#pair.cert && pair.key === this.#pair.key) return;
        this.#pair = pair;
        for (const server of this.#servers) server.setSecureContext({ cert: pair.cert, key: pair.key });
        this.#tell("certificate renewed");
      } catch (error) {
        this.#log.warn(
          { reason: describeError(error) },
          "changed certificate not taken, the one before stays in force",
        );
      }
    });
  }

  #tell(what: string): void {
    const { leaf } = this.#pair;
    const facts = {
      certFile: this.#files.certFile,
      names: leaf.subjectAltName ?? leaf.subject,
      validTo: leaf.validToDate.toISOString(),
    };
    const leftMs = this.expiresAt - Date.now();
    if (leftMs > SOON_MS) this.#log.info(facts, what);
    else this.#log.warn(facts, `${what}, but it ${leftMs > 0 ? "expires soon" : "has expired"}`);
  }
}

/** The certificate of a listener's configuration; null: it speaks no TLS. @throws DeskreelError `BAD_CERTIFICATE` */
export async function openCertificate(
  { tls }: { tls: CertificateFiles | null },
  log: Log,
): Promise<Certificate | null> {
  return tls === null ? null : Certificate.open(tls, log);
}

/** @throws DeskreelError `BAD_CERTIFICATE` */
export async function readPair({ certFile, keyFile }: CertificateFiles): Promise<Pair> {
  const cert = await readText(certFile);
  const key = await readText(keyFile);
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(cert);
  } catch (cause) {
    throw bad(`${certFile} has no certificate in PEM`, cause);
  }
  let privateKey: KeyObject;
  try {
    privateKey = createPrivateKey(key);
  } catch (cause) {
    throw bad(`${keyFile} has no private key in PEM that needs no passphrase`, cause);
  }
  if (!leaf.checkPrivateKey(privateKey))
    throw bad(`${keyFile} is not the key of the first certificate in ${certFile}`);
  return { cert, key, leaf };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw bad(`${path} cannot be read`, cause);
  }
}

function bad(message: string, cause?: unknown): DeskreelError {
  return new DeskreelError("BAD_CERTIFICATE", message, cause === undefined ? undefined : { cause });
}
