/** A value that the registry has in a type that no setting is of. */
export class UnknownRegistryType extends Error {}

/**
 * The values below a key of the registry, as `reg.exe query KEY /s` lists them; keys below it are sections. Names begin
 * in lower case, as in the configuration file (`ServerUrl` is `serverUrl`).
 *
 * @param root - the key as it is listed, e.g. `HKEY_LOCAL_MACHINE\SOFTWARE\Deskreel`.
 * @throws UnknownRegistryType
 */
export function parseRegistryQuery(listed: string, root: string): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  let section: Record<string, unknown> = settings;
  for (const line of listed.split(/\r?\n/)) {
    const [, name, type, text] = /^ {4}(\S.*?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      // The key's own value, in words of the system's language: (Default), (Standard).
      if (!name.startsWith("(")) section[settingName(name)] = registryValue(name, type, text ?? "");
    } else if (line.toLowerCase().startsWith(root.toLowerCase())) {
      section = sectionOf(settings, line.slice(root.length));
    }
  }
  return settings;
}

function sectionOf(settings: Record<string, unknown>, below: string): Record<string, unknown> {
  let section = settings;
  for (const name of below.split("\\").filter(Boolean).map(settingName)) {
    const there = section[name];
    const inner: Record<string, unknown> = isSection(there) ? there : {};
    section[name] = inner;
    section = inner;
  }
  return section;
}

function settingName(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function registryValue(name: string, type: string, text: string): unknown {
  switch (type) {
    case "REG_SZ":
    case "REG_EXPAND_SZ":
      return text;
    case "REG_DWORD":
    case "REG_QWORD":
      return Number(text);
    case "REG_MULTI_SZ":
      return text.split("\\0").filter((part) => part !== "");
    default:
      throw new UnknownRegistryType(`${name} is a ${type}; a setting is a text, a number or a list of texts`);
  }
}

/**
 * The registry has no yes and no: 1 and 0 mean them where a setting cannot be a number.
 *
 * @param isAllowed - whether settings, each by itself, are such that the app can have them.
 */
export function withBooleans(
  settings: Readonly<Record<string, unknown>>,
  isAllowed: (settings: Readonly<Record<string, unknown>>) => boolean,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]): [string, unknown] => {
      if (isSection(value)) return [key, withBooleans(value, (inner) => isAllowed({ [key]: inner }))];
      const meaning = value === 1;
      const isMeant =
        (value === 1 || value === 0) && !isAllowed({ [key]: value }) && isAllowed({ [key]: meaning });
      return [key, isMeant ? meaning : value];
    }),
  );
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
