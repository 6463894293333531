import { createHash, randomBytes } from "node:crypto";
import { canonicalJson } from "#shared/archive/canonical-json.ts";
import type { AdapterDatabase } from "./database.ts";

/** How a configuration differs from the one before. */
export interface ConfigurationChange {
  /** Of all its values but secrets. */
  sha256: string;
  isFirst: boolean;
  added: string[];
  changed: string[];
  removed: string[];
}

/** Keys whose values nobody may learn, nor try out against a hash of them. */
const SECRETS = ["adapter.archive.credentials"];
const SALT = "(salt)";

/** What the adapter was configured with last: a digest of each key's value, with a salt, since secrets are among them. */
export class ConfigurationStore {
  readonly #database: AdapterDatabase;

  constructor(database: AdapterDatabase) {
    this.#database = database;
  }

  /**
   * Takes over a configuration as the last one; null: it is no other than before.
   *
   * @param sections - by their names; of others nothing is said. Undefined: the section is not configured.
   */
  replace(sections: Readonly<Record<string, object | undefined>>): ConfigurationChange | null {
    const names = Object.keys(sections);
    const values = flatten(JSON.parse(JSON.stringify(sections)) as object, "");
    const salt = this.#salt();
    const after = new Map([...values].map(([key, value]) => [key, digestOf(`${salt}${value}`)]));
    const rows = this.#database
      .prepare<[string], { key: string; digest: string }>(
        "SELECT key, digest FROM configuration WHERE key <> ?",
      )
      .all(SALT)
      .filter(({ key }) => names.includes(key.split(".")[0] ?? ""));
    const before = new Map(rows.map(({ key, digest }) => [key, digest]));
    const added = [...after.keys()].filter((key) => !before.has(key));
    const removed = [...before.keys()].filter((key) => !after.has(key));
    const changed = [...after]
      .filter(([key, digest]) => (before.get(key) ?? digest) !== digest)
      .map(([key]) => key);
    if (added.length + removed.length + changed.length === 0) return null;
    const remove = this.#database.prepare("DELETE FROM configuration WHERE key = ?");
    for (const key of removed) remove.run(key);
    const put = this.#database.prepare("INSERT OR REPLACE INTO configuration VALUES (?, ?)");
    for (const [key, digest] of after) put.run(key, digest);
    const open = [...values].filter(
      ([key]) => !SECRETS.some((secret) => key === secret || key.startsWith(`${secret}.`)),
    );
    const sha256 = digestOf(canonicalJson(Object.fromEntries(open)));
    return { sha256, isFirst: before.size === 0, added, changed, removed };
  }

  #salt(): string {
    const found = this.#database
      .prepare<[string], { digest: string }>("SELECT digest FROM configuration WHERE key = ?")
      .get(SALT);
    if (found !== undefined) return found.digest;
    const salt = randomBytes(32).toString("hex");
    this.#database.prepare("INSERT INTO configuration VALUES (?, ?)").run(SALT, salt);
    return salt;
  }
}

/** Every value by its path; lists are one value. */
function flatten(tree: object, prefix: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of Object.entries(tree) as [string, unknown][]) {
    const key = `${prefix}${name}`;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [below, text] of flatten(value, `${key}.`)) values.set(below, text);
    } else values.set(key, canonicalJson(value));
  }
  return values;
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
