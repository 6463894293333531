/** What a person may be to replay. */
export const ROLES = ["viewer", "supervisor", "admin", "agent"] as const;
export type Role = (typeof ROLES)[number];

/** What can be done beside seeing an interaction; to what of it, {@link visibleAgents} says. */
export type Action =
  /** Take an interaction away as a zip. */
  | "export"
  /** Put an interaction under legal hold, or release it. */
  | "hold"
  /** Read what was said about moments of an interaction. */
  | "read-notes"
  | "comment"
  /** Change or remove what somebody else said. */
  | "tidy-notes"
  /** Read who did what to an interaction that one sees. */
  | "read-trail"
  /** Read the whole audit log, which also tells of what one does not see. */
  | "read-audit"
  /** See what was not recorded. */
  | "read-coverage"
  /** Accounts, teams, recovery. */
  | "administer"
  /** Have a simulated call placed, where that is possible at all. */
  | "place-call";

/** What an administrator has settled for agents. */
export interface AccessPolicy {
  /** Agents see the interactions in which they took part. */
  agentsSeeOwn: boolean;
  /** Agents see who has viewed and exported them. */
  agentsSeeWatchers: boolean;
}

/** As far as permissions go by it. */
export interface Asker {
  role: Role;
  /** Whom the person is as an agent; null: none. */
  agentId: string | null;
  /** The agents of all teams that the person is in charge of. */
  teamAgents: readonly string[];
}

const MAY: Readonly<Record<Role, readonly Action[]>> = {
  viewer: ["export", "read-notes", "read-trail", "read-coverage", "place-call"],
  supervisor: ["export", "hold", "read-notes", "comment", "read-trail", "read-coverage", "place-call"],
  admin: [
    ...(["export", "hold", "read-notes", "comment", "tidy-notes", "read-trail", "read-audit"] as const),
    ...(["read-coverage", "administer", "place-call"] as const),
  ],
  agent: [],
};

export function mayDo({ role }: Pick<Asker, "role">, action: Action, policy: AccessPolicy): boolean {
  if (role === "agent" && action === "read-trail") return policy.agentsSeeOwn && policy.agentsSeeWatchers;
  return MAY[role].includes(action);
}

/**
 * Only interactions in which one of these agents took part may be seen, or be told to exist; their ids are lower case.
 *
 * @returns null: all interactions; empty: none.
 */
export function visibleAgents(asker: Asker, policy: AccessPolicy): readonly string[] | null {
  switch (asker.role) {
    case "viewer":
    case "admin":
      return null;
    case "supervisor":
      return [...new Set(asker.teamAgents.map(folded))];
    case "agent":
      return asker.agentId === null || !policy.agentsSeeOwn ? [] : [folded(asker.agentId)];
  }
}

/** What somebody may see of what happens now. */
export interface LiveScope {
  /** Of these agents only, their ids are lower case; null: of all. */
  agents: readonly string[] | null;
  /** Which desktops there are, and how the recorders are. */
  seesMachines: boolean;
}

/** Supervisors watch their teams, admins all, everybody else at most themselves. @returns null: it is not for them. */
export function liveScope(asker: Asker, policy: AccessPolicy): LiveScope | null {
  switch (asker.role) {
    case "admin":
      return { agents: null, seesMachines: true };
    case "supervisor":
      return { agents: visibleAgents(asker, policy), seesMachines: false };
    case "viewer":
    case "agent":
      return asker.agentId === null || !policy.agentsSeeOwn
        ? null
        : { agents: [folded(asker.agentId)], seesMachines: false };
  }
}

/** Whether an interaction with these agents may be seen by who sees those. */
export function isVisible(agents: readonly string[], visible: readonly string[] | null): boolean {
  return visible === null || agents.some((agent) => visible.includes(folded(agent)));
}

function folded(agent: string): string {
  return agent.toLowerCase();
}
