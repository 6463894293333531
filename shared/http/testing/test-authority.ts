import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CertificateFiles } from "../certificate.ts";

const run = promisify(execFile);

export interface IssueOptions {
  /** SAN entries in OpenSSL's form. */
  names?: string;
  /** RFC 3339 instants; at first: from an hour ago for a day. */
  from?: Date;
  to?: Date;
}

/** A certificate authority of a test's own, made by OpenSSL. */
export class TestAuthority {
  /** Its certificate. */
  readonly caFile: string;
  readonly #folder: string;
  #issued = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.caFile = join(folder, "ca.pem");
  }

  /** @param folder - for its files; made if it is not there. */
  static async create(folder: string): Promise<TestAuthority> {
    await mkdir(folder, { recursive: true });
    const authority = new TestAuthority(folder);
    await authority.#openssl(
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", "/CN=Deskreel test authority", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2"],
      ...["-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign"],
    );
    await writeFile(join(folder, "index.txt"), "");
    return authority;
  }

  /** A server's certificate with its key, as a pair of files of their own. */
  async issue(options: IssueOptions = {}): Promise<CertificateFiles> {
    const { names = "IP:127.0.0.1,DNS:localhost", from, to } = options;
    const name = `server-${++this.#issued}`;
    const files = {
      certFile: join(this.#folder, `${name}.pem`),
      keyFile: join(this.#folder, `${name}.key`),
    };
    await this.#openssl(
      ...["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
      ...["-subj", `/CN=${name}`, "-keyout", files.keyFile, "-out", `${name}.csr`],
    );
    await writeFile(
      join(this.#folder, "ca.cnf"),
      [
        "[ca]\ndefault_ca = own\n[own]",
        `database = index.txt\nnew_certs_dir = .\nrand_serial = yes\ndefault_md = sha256\nunique_subject = no`,
        "policy = any\nx509_extensions = server\n[any]\ncommonName = supplied\n[server]",
        `basicConstraints = CA:FALSE\nextendedKeyUsage = serverAuth\nsubjectAltName = ${names}\n`,
      ].join("\n"),
    );
    const hour = 3_600_000;
    await this.#openssl(
      ...["ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", "ca.pem", "-keyfile", "ca.key"],
      ...["-startdate", opensslTime(from ?? new Date(Date.now() - hour))],
      ...["-enddate", opensslTime(to ?? new Date(Date.now() + 24 * hour))],
      ...["-in", `${name}.csr`, "-out", files.certFile],
    );
    return files;
  }

  async #openssl(...args: string[]): Promise<void> {
    await run("openssl", args, { cwd: this.#folder });
  }
}

/** `YYYYMMDDHHMMSSZ` */
function opensslTime(at: Date): string {
  return at.toISOString().replace(/[-:T]|\.\d+/g, "");
}
