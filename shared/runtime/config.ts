import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";
import { type Config, configSchema } from "./config-schema.ts";
import { DeskreelError, describeError } from "./errors.ts";
import { jsonPointer } from "./schema-problems.ts";
import { mergeSettings, type SettingsLayer } from "./settings-layers.ts";

/** Read when no `--config` is given and it is there. */
const DEFAULT_CONFIG_FILE = "deskreel.yaml";
const ENVIRONMENT_PREFIX = "DESKREEL_";
const SECTIONS = ["recorder", "adapter", "dynamics", "desktop"] as const;

/** One fault of a configuration: the key, what was found, what is allowed. */
export interface ConfigProblem {
  path: string;
  found: string;
  message: string;
}

export class ConfigError extends DeskreelError {
  readonly problems: readonly ConfigProblem[];

  constructor(source: string, problems: readonly ConfigProblem[], options?: ErrorOptions) {
    const lines = problems.map((problem) => `  ${problem.path}: found ${problem.found}; ${problem.message}`);
    super("BAD_CONFIG", `${source} has ${problems.length} problem(s):\n${lines.join("\n")}`, options);
    this.problems = problems;
  }
}

/**
 * The configuration of all parts: embedded defaults, over them the YAML file, over it the environment
 * (`DESKREEL_RECORDER__BUFFER_DIR=…`; values are read as YAML). Relative paths are resolved against the file's folder,
 * without a file against `cwd`.
 *
 * @param file - from `--config`; undefined = `./deskreel.yaml` if present.
 * @param managed - settings of the desktop that the administrator gave; they win, the first over the next.
 * @throws {@link ConfigError} naming every problem at once.
 */
export function loadConfig(
  file: string | undefined,
  environment: NodeJS.ProcessEnv = process.env,
  cwd = process.cwd(),
  managed: readonly SettingsLayer[] = [],
): Config {
  const path = file === undefined ? defaultFile(cwd) : resolve(cwd, file);
  const folder = path === null ? cwd : dirname(path);
  const source = path ?? "the embedded configuration";
  const tree = path === null ? {} : readTree(path);
  const problems = applyEnvironment(tree, environment);
  const sources = applyManaged(tree, source, managed);
  const parsed = configSchema(folder).safeParse(tree);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      if (issue.code === "unrecognized_keys") {
        for (const key of issue.keys)
          problems.push(problemAt(tree, [...issue.path, key], "unknown key", sources));
      } else {
        problems.push(problemAt(tree, issue.path, issue.message, sources));
      }
    }
  }
  if (problems.length > 0) throw new ConfigError(source, problems);
  if (!parsed.success) throw parsed.error;
  return parsed.data;
}

function defaultFile(cwd: string): string | null {
  const path = resolve(cwd, DEFAULT_CONFIG_FILE);
  return existsSync(path) ? path : null;
}

function readTree(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError(
      path,
      [{ path: "(file)", found: describeError(cause), message: "must be a readable YAML file" }],
      { cause },
    );
  }
  let tree: unknown;
  try {
    tree = parse(text) ?? {};
  } catch (cause) {
    throw new ConfigError(
      path,
      [{ path: "(file)", found: describeError(cause), message: "must be valid YAML" }],
      { cause },
    );
  }
  if (!isTree(tree))
    throw new ConfigError(path, [
      { path: "(file)", found: show(tree), message: "must be a map of sections" },
    ]);
  return tree;
}

/** `DESKREEL_RECORDER__HTTP__PORT=7` sets recorder.http.port; names outside the four sections are none of ours. */
function applyEnvironment(tree: Record<string, unknown>, environment: NodeJS.ProcessEnv): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || text === undefined) continue;
    const keys = name.slice(ENVIRONMENT_PREFIX.length).split("__").map(camelCase);
    const last = keys.pop();
    if (last === undefined || !SECTIONS.some((section) => section === keys[0])) continue;
    let node = tree;
    for (const key of keys) {
      if (!isTree(node[key])) node[key] = {};
      node = node[key] as Record<string, unknown>;
    }
    try {
      node[last] = parse(text);
    } catch (cause) {
      problems.push({
        path: name,
        found: isSecret(name) ? "(hidden)" : JSON.stringify(text),
        // The parser's own words quote the value.
        message: isSecret(name) ? "must be a YAML value" : `must be a YAML value (${describeError(cause)})`,
      });
    }
  }
  return problems;
}

/** @returns where each managed key came from, by its whole name. */
function applyManaged(
  tree: Record<string, unknown>,
  source: string,
  managed: readonly SettingsLayer[],
): Map<string, string> {
  const own = tree["desktop"] ?? {};
  // What is no section the schema refuses; with nothing to lay over it, it stays what it is.
  if (managed.length === 0 || !isTree(own)) return new Map();
  const { settings, sources } = mergeSettings([...managed, { source, settings: own }]);
  tree["desktop"] = settings;
  const named = [...sources].filter(([, from]) => from !== source);
  return new Map(named.map(([key, from]) => [`desktop.${key}`, from]));
}

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function problemAt(
  tree: unknown,
  path: readonly PropertyKey[],
  message: string,
  sources: ReadonlyMap<string, string>,
): ConfigProblem {
  let node = tree;
  for (const key of path)
    node = isTree(node) || Array.isArray(node) ? (node as Record<PropertyKey, unknown>)[key] : undefined;
  const name = jsonPointer(path).slice(1).replaceAll("/", ".") || "(file)";
  const from = sources.get(name);
  return {
    path: name,
    found: isSecret(name) && node !== undefined ? "(hidden)" : show(node),
    message: from === undefined ? message : `${message} (it comes from ${from})`,
  };
}

function isSecret(name: string): boolean {
  return /(secret|token|accessKey|credentials|password)$/i.test(name.replaceAll("_", ""));
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 80);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
