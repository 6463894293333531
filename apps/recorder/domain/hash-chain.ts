/** A link of a track's hash chain: a sealed segment's digest, and that of the one sealed before it (null: the first). */
export interface ChainLink {
  id: string;
  sha256: string;
  previousSha256: string | null;
}

/** The digest that the next segment of a track is to name; null when there is none yet. */
export function chainTail(links: readonly ChainLink[]): string | null {
  const named = new Set(links.map(({ previousSha256 }) => previousSha256));
  // In the order of their ids, so that of several ends (which a whole chain has not) the newest goes on.
  return links.findLast(({ sha256 }) => !named.has(sha256))?.sha256 ?? null;
}

/** What is wrong with a track's chain, a line each: every segment must follow another one, each another's, from the first on. */
export function chainFaults(links: readonly ChainLink[]): string[] {
  const followers = Map.groupBy(links, ({ previousSha256 }) => previousSha256);
  const faults = [...followers]
    .filter(([, those]) => those.length > 1)
    .map(([, those]) => `segments ${those.map(({ id }) => id).join(" and ")} follow the same one`);
  const reached = new Set<string>();
  for (let link = followers.get(null)?.[0]; link !== undefined && !reached.has(link.id); ) {
    reached.add(link.id);
    link = followers.get(link.sha256)?.[0];
  }
  const adrift = links.filter(({ id }) => !reached.has(id)).map(({ id }) => id);
  if (adrift.length > 0) faults.push(`segments ${adrift.join(", ")} do not hang on the first one`);
  return faults;
}
