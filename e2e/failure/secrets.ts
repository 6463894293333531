/** Secrets are kept out of what a failed test leaves, which goes into tickets and to people who may not record. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Shorter values would be found where they are nothing secret. */
const SHORTEST = 8;
/** What a key of a configuration is called whose value is one itself, and not the file that has it. */
const SECRET_KEY = /^(\s*(?:- )?"?\w*(?:token|secret|password|key)"?: *)(?!\s*$)(.+)$/gim;

/** Every secret that a site has on its disk: what its tokens files and its secret files say. */
export function secretsOnDisk(folder: string): string[] {
  const tokens = globSync("*tokens*.json", { cwd: folder }).flatMap((name) =>
    Object.values(JSON.parse(readFileSync(join(folder, name), "utf8")) as Record<string, unknown>),
  );
  const secrets = globSync("*secret", { cwd: folder }).map((name) =>
    readFileSync(join(folder, name), "utf8").trim(),
  );
  return [...tokens, ...secrets].filter((value) => typeof value === "string");
}

/** Puts stars in place of each secret, as many as it has characters, so that files of any kind stay whole. */
export function hideSecrets(bytes: Buffer, secrets: Iterable<string>): Buffer {
  const found = [...secrets].filter((secret) => secret.length >= SHORTEST && bytes.includes(secret));
  if (found.length === 0) return bytes;
  // Of one byte each, whatever it stands for.
  let text = bytes.toString("latin1");
  // A long one first: it may have a short one in it.
  for (const secret of found.toSorted((a, b) => b.length - a.length)) {
    const written = Buffer.from(secret).toString("latin1");
    text = text.replaceAll(written, "*".repeat(written.length));
  }
  return Buffer.from(text, "latin1");
}

/** A configuration file's text without the values of keys that are called secret. */
export function hideSecretKeys(yaml: string): string {
  return yaml.replace(SECRET_KEY, (_line, key: string, value: string) => key + "*".repeat(value.length));
}
