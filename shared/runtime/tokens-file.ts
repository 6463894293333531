import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { writeDurably } from "./durable-file.ts";
import { DeskreelError, isSystemError } from "./errors.ts";

/**
 * The one-machine bootstrap secrets: read, or made at first start with mode 0600.
 *
 * @param names - the keys that the file must have; missing ones are made and the file is rewritten.
 * @throws DeskreelError `BAD_TOKENS_FILE` when the file is there but cannot be used.
 */
export async function openTokensFile<Name extends string>(
  path: string,
  names: readonly Name[],
): Promise<Record<Name, string>> {
  const tokens = await readTokens(path);
  const missing = names.filter((name) => tokens[name] === undefined);
  if (missing.length > 0) {
    for (const name of missing) tokens[name] = randomBytes(24).toString("base64url");
    await mkdir(dirname(path), { recursive: true });
    await writeDurably(path, `${JSON.stringify(tokens, null, 2)}\n`, 0o600);
  }
  return tokens;
}

/** One secret of somebody else's tokens file, e.g. the recorder's `adapter` for the adapter. */
export async function readToken(path: string, name: string): Promise<string> {
  const token = (await readTokens(path))[name];
  if (token !== undefined) return token;
  throw new DeskreelError(
    "BAD_TOKENS_FILE",
    `${path} has no key ${JSON.stringify(name)}; has the program that owns it been started?`,
  );
}

async function readTokens(path: string): Promise<Record<string, string>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if (isSystemError(cause, "ENOENT")) return {};
    throw new DeskreelError("BAD_TOKENS_FILE", `${path} cannot be read`, { cause });
  }
  let tree: unknown;
  try {
    tree = JSON.parse(text);
  } catch (cause) {
    throw new DeskreelError(
      "BAD_TOKENS_FILE",
      `${path} is not valid JSON; mend it, or move it away to have new tokens made`,
      { cause },
    );
  }
  if (typeof tree !== "object" || tree === null || Array.isArray(tree)) {
    throw new DeskreelError("BAD_TOKENS_FILE", `${path} must be a JSON object of name → token`);
  }
  for (const [name, token] of Object.entries(tree)) {
    if (typeof token !== "string" || token.length < 16) {
      throw new DeskreelError(
        "BAD_TOKENS_FILE",
        `${path}: ${name} must be a string of at least 16 characters`,
      );
    }
  }
  return tree as Record<string, string>;
}
