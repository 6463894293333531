import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { ConfigError } from "#shared/runtime/config.ts";
import { configSchema } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import type { SettingsLayer } from "#shared/runtime/settings-layers.ts";
import { parseRegistryQuery, withBooleans } from "./registry.ts";

/** What is asked of the operating system, at once, for it comes before everything else. */
export interface SystemSettings {
  readonly platform: NodeJS.Platform;
  /** @returns null when there is no such file. */
  readText(path: string): string | null;
  /** @returns what it wrote to stdout, null when it ended with something else than 0. */
  run(command: string, args: readonly string[]): string | null;
}

interface Place {
  source: string;
  readonly read: (system: SystemSettings) => Record<string, unknown> | null;
}

/**
 * What the administrator has set on this machine: the policy, then what the installation left. They win over the user's
 * file, the first over the second; their keys are those of the section `desktop`.
 *
 * @throws ConfigError when a place cannot be read.
 */
export function readManagedSettings(system: SystemSettings): SettingsLayer[] {
  return placesOf(system.platform).flatMap(({ source, read }) => {
    let settings: Record<string, unknown> | null;
    try {
      settings = read(system);
    } catch (cause) {
      const problem = { path: "(all)", found: describeError(cause), message: "must be readable settings" };
      throw new ConfigError(source, [problem], { cause });
    }
    return settings === null ? [] : [{ source, settings }];
  });
}

function placesOf(platform: NodeJS.Platform): Place[] {
  if (platform === "win32")
    return [registryKey("SOFTWARE\\Policies\\Deskreel"), registryKey("SOFTWARE\\Deskreel")];
  if (platform === "darwin")
    return [
      propertyList("/Library/Managed Preferences/com.deskreel.desktop.plist"),
      propertyList("/Library/Preferences/com.deskreel.desktop.plist"),
    ];
  return [settingsFile("/etc/deskreel/policy.json"), settingsFile("/etc/deskreel/desktop.yaml")];
}

function settingsFile(path: string): Place {
  return {
    source: path,
    read: (system) => {
      const text = system.readText(path);
      return text === null ? null : asSection(parse(text) ?? {});
    },
  };
}

function registryKey(key: string): Place {
  return {
    source: `HKLM\\${key}`,
    read: (system) => {
      // By its full name, so that nobody's other reg.exe is found first.
      const reg = `${process.env["SystemRoot"] ?? "C:\\Windows"}\\System32\\reg.exe`;
      // It ends with 1 where there is no such key.
      const listed = system.run(reg, ["query", `HKLM\\${key}`, "/s", "/reg:64"]);
      if (listed === null) return null;
      if (listed.includes("\uFFFD"))
        throw new Error("a value has letters that reg.exe cannot write; use ASCII only");
      const isAllowed = (desktop: object) => configSchema("/").safeParse({ desktop }).success;
      return withBooleans(parseRegistryQuery(listed, `HKEY_LOCAL_MACHINE\\${key}`), isAllowed);
    },
  };
}

function propertyList(path: string): Place {
  return {
    source: path,
    read: (system) => {
      if (system.readText(path) === null) return null;
      const json = system.run("/usr/bin/plutil", ["-convert", "json", "-o", "-", path]);
      if (json === null) throw new Error("plutil cannot read it");
      const settings = Object.entries(asSection(JSON.parse(json)));
      // What the management wrote about its own delivery.
      return Object.fromEntries(settings.filter(([name]) => !name.startsWith("Payload")));
    },
  };
}

function asSection(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error("it must be a map of settings");
  return value as Record<string, unknown>;
}

/** The machine that we run on. */
export const THIS_SYSTEM: SystemSettings = {
  platform: process.platform,
  readText: readTextIfThere,
  run: (command, args) => {
    const { status, stdout, error } = spawnSync(command, args, { encoding: "utf8", windowsHide: true });
    if (error !== undefined) throw error;
    return status === 0 ? stdout : null;
  },
};

/** @returns null when there is no such file. */
export function readTextIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
