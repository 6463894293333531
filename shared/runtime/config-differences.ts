/**
 * The keys in which two configurations differ, in dots, as the file's reader would name them; a list counts as one value.
 * No values: they may be secrets.
 */
export function configDifferences(before: unknown, after: unknown, path = ""): string[] {
  if (!isSection(before) || !isSection(after))
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return keys.flatMap((key) =>
    configDifferences(before[key], after[key], path === "" ? key : `${path}.${key}`),
  );
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
