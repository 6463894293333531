import { readFileSync, unwatchFile, watchFile } from "node:fs";
import { describeError } from "#shared/runtime/errors.ts";
import type { Log } from "#shared/runtime/log.ts";
import type { DurationMs } from "#shared/time/units.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AgentNameStore } from "../call-buffer/agent-name-store.ts";
import type { AgentDirectory } from "./agent-directory.ts";
import { type Aliases, NO_ALIASES, parseAliases } from "./aliases.ts";
import type { DesktopOwners } from "./desktop-owners.ts";

/** How often the file is looked at: by its name, so that one that was put in its place counts too. */
const LOOK_EVERY_MS: DurationMs = 500;
/** A file that was the same twice with this in between is not being written any more. */
const SETTLE_MS: DurationMs = 200;
/** What the catalogue did not take is tried again after this. */
const RETRY_AFTER_MS: DurationMs = 5_000;

export interface AliasFileOptions {
  /** Null: there is none, and what an earlier one said holds no longer. */
  path: string | null;
  buffer: { agentNames: AgentNameStore };
  names: AgentDirectory;
  owners: DesktopOwners;
  clock: Clock;
  log: Log;
  /** The file says something else now. */
  onChange: () => void;
}

/**
 * Keeps to what the alias file says, while it changes. A faulty one is refused whole: the one before it stays in force,
 * over restarts too, and `fault` tells why.
 */
export class AliasFile implements Disposable {
  readonly #options: AliasFileOptions;
  #settling: NodeJS.Timeout | undefined;
  /** The text that was judged last; null: it could not be read. */
  #judged: string | null = null;
  #fault: string | null = null;

  /** Reads the file before it returns; a faulty one is no reason not to start. */
  constructor(options: AliasFileOptions) {
    this.#options = options;
    const { path } = options;
    if (path === null) {
      this.#enforce(NO_ALIASES, null);
      return;
    }
    watchFile(path, { interval: LOOK_EVERY_MS, persistent: false }, this.#look);
    this.#restore();
    this.#judge(path, readText(path));
  }

  /** Why the file as it is now is not in force; null when it is. */
  get fault(): string | null {
    return this.#fault;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#settling);
    if (this.#options.path !== null) unwatchFile(this.#options.path, this.#look);
  }

  readonly #look = (): void => {
    const { path } = this.#options;
    if (path !== null) this.#settle(path, readText(path).text, SETTLE_MS);
  };

  #settle(path: string, seen: string | null, waitMs: DurationMs): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      const now = readText(path);
      if (now.text !== seen) this.#settle(path, now.text, SETTLE_MS);
      else if (now.text !== this.#judged || this.#fault !== null) this.#judge(path, now);
    }, waitMs);
  }

  #judge(path: string, { text, cause }: FileText): void {
    const { log } = this.#options;
    this.#judged = text;
    try {
      if (text === null) throw cause;
      const aliases = parseAliases(text);
      try {
        this.#enforce(aliases, text);
      } catch (error) {
        this.#settle(path, text, RETRY_AFTER_MS);
        throw error;
      }
      this.#fault = null;
      const { agents, desktops } = aliases;
      log.info({ path, agents: agents.length, desktops: desktops.length }, "alias file is in force");
    } catch (error) {
      this.#fault = `${path} is not in force, the one before it stays: ${describeError(error)}`;
      log.error(
        { path, reason: describeError(error) },
        "alias file refused, the one before it stays in force",
      );
    }
  }

  /** The content that was in force when the last run ended. */
  #restore(): void {
    const { buffer, owners, log } = this.#options;
    const content = buffer.agentNames.aliasFileContent();
    if (content === null) return;
    try {
      // Names are in the directory already.
      owners.take(parseAliases(content).desktops);
    } catch (error) {
      log.warn({ reason: describeError(error) }, "the alias file of the last run is not understood any more");
    }
  }

  #enforce(aliases: Aliases, content: string | null): void {
    const { buffer, names, owners, clock, onChange } = this.#options;
    names.takeAliases(aliases.agents);
    buffer.agentNames.keepAliasFileContent(content, clock.now());
    owners.take(aliases.desktops);
    onChange();
  }
}

type FileText = { text: string; cause?: undefined } | { text: null; cause: unknown };

function readText(path: string): FileText {
  try {
    return { text: readFileSync(path, "utf8") };
  } catch (cause) {
    return { text: null, cause };
  }
}
