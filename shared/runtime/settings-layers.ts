/** Settings of one part from one place. */
export interface SettingsLayer {
  /** The place, for people: a file, a registry key. */
  source: string;
  settings: Readonly<Record<string, unknown>>;
}

export interface MergedSettings {
  settings: Record<string, unknown>;
  /** By key, in dots: the place that it came from. */
  sources: ReadonlyMap<string, string>;
}

/** Lays settings over one another, key by key: the first layer that has a key wins. A list is one value. */
export function mergeSettings(layers: readonly SettingsLayer[]): MergedSettings {
  const sources = new Map<string, string>();
  return { settings: merge(layers, "", sources), sources };
}

function merge(
  layers: readonly SettingsLayer[],
  above: string,
  sources: Map<string, string>,
): Record<string, unknown> {
  const keys = new Set(layers.flatMap(({ settings }) => Object.keys(settings)));
  const entries = [...keys].map((key): [string, unknown] => {
    const having = layers.filter(({ settings }) => Object.hasOwn(settings, key));
    const [first] = having;
    const value = first?.settings[key];
    const name = `${above}${key}`;
    if (first === undefined || !isSection(value)) {
      sources.set(name, first?.source ?? "");
      return [key, value];
    }
    const sections = having.flatMap(({ source, settings }) => {
      const section = settings[key];
      return isSection(section) ? [{ source, settings: section }] : [];
    });
    return [key, merge(sections, `${name}.`, sources)];
  });
  return Object.fromEntries(entries);
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
