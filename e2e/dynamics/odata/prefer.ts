/** What a `Prefer` header (RFC 7240, OData preferences) asks for, as far as the simulator follows it. */
export interface Preferences {
  /** Rows per page; null = not asked. */
  readonly maxPageSize: number | null;
  /** Whether to add the annotation of this name. */
  readonly wantsAnnotation: (name: string) => boolean;
  /** Whether a write is to be answered with the row. */
  readonly wantsRepresentation: boolean;
  /** Whether a query is to be answered with a delta link. */
  readonly wantsChanges: boolean;
  /** What the answer's `Preference-Applied` says; null = nothing applied. */
  readonly applied: string | null;
}

/** Reads a `Prefer` header; what it does not know is ignored, as the standard asks. */
export function parsePrefer(header: string | undefined): Preferences {
  const text = header ?? "";
  const pageSize = Number(/odata\.maxpagesize\s*=\s*(\d+)/i.exec(text)?.[1] ?? 0);
  const annotations = /odata\.include-annotations\s*=\s*"([^"]*)"/i.exec(text)?.[1] ?? null;
  const patterns = (annotations ?? "").split(",").map((pattern) => pattern.trim());
  const wantsRepresentation = /(^|[,;\s])return\s*=\s*representation\b/i.test(text);
  const wantsChanges = /odata\.track-changes\b/i.test(text);
  const applied = [
    ...(wantsChanges ? ["odata.track-changes"] : []),
    ...(wantsRepresentation ? ["return=representation"] : []),
    ...(annotations === null ? [] : [`odata.include-annotations="${annotations}"`]),
    ...(pageSize > 0 ? [`odata.maxpagesize=${pageSize}`] : []),
  ];
  return {
    maxPageSize: pageSize > 0 ? pageSize : null,
    wantsAnnotation: (name) => patterns.some((pattern) => matchesPattern(pattern, name)),
    wantsRepresentation,
    wantsChanges,
    applied: applied.length > 0 ? applied.join(",") : null,
  };
}

function matchesPattern(pattern: string, name: string): boolean {
  if (pattern === "*") return true;
  return pattern.endsWith(".*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}
