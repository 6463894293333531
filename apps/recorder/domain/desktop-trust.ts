/** What is done with a second device of an agent: it works and somebody is told, or it waits for an admin. */
export type SecondDevicePolicy = "alarm" | "approve";

export type DesktopState = "active" | "pending" | "revoked";

/**
 * Why somebody has to look at a desktop.
 *
 * - `second-device`: the agent has another device already
 * - `second-key`: this OS user has another key on this device already, as after the PC was installed anew
 * - `after-revocation`: a key of this OS user on this device was revoked before this one came
 */
export type Doubt = "second-device" | "second-key" | "after-revocation";

/** A desktop's key and what it has said with it. */
export interface EnrolledDesktop {
  id: string;
  device: string;
  osUser: string;
  state: DesktopState;
  /** Counts up with every enrolment and every change of an agent, so that no clock decides who was first. */
  enrolmentOrder: number;
  /** When it enrolled, a key of the same OS user on the same device was revoked. */
  isAfterRevocation: boolean;
  /** Whose it is; null until it has said hello. */
  agent: string | null;
  /** On the same count, when it became this agent's. */
  agentOrder: number | null;
  /** The alias file says whose it is, so an admin has. */
  isAssigned: boolean;
  /** An admin has approved it for this agent. */
  isApproved: boolean;
}

/**
 * What is to be looked at about a desktop. Of two desktops only the later one is in doubt, and no more once the earlier
 * one is revoked.
 *
 * @param others - at least those of the same agent, and those of the same OS user on the same device.
 */
export function doubtAbout(desktop: EnrolledDesktop, others: readonly EnrolledDesktop[]): Doubt | null {
  if (desktop.isApproved) return null;
  if (desktop.isAfterRevocation) return "after-revocation";
  const working = others.filter(({ id, state }) => id !== desktop.id && state === "active");
  const isSecondKey = working.some(
    (other) => isSamePlace(other, desktop) && other.enrolmentOrder < desktop.enrolmentOrder,
  );
  if (isSecondKey) return "second-key";
  if (desktop.agentOrder === null || desktop.isAssigned) return null;
  const { agent, agentOrder } = desktop;
  const isSecondDevice = working.some(
    (other) =>
      other.agent === agent &&
      !isSamePlace(other, desktop) &&
      other.agentOrder !== null &&
      other.agentOrder < agentOrder,
  );
  return isSecondDevice ? "second-device" : null;
}

/**
 * Whether a desktop whose key is not revoked may work. One that waits goes on waiting for an admin, even when the
 * reason has gone. After a revocation nobody comes back by himself, whatever the policy.
 */
export function admissionOf(
  desktop: EnrolledDesktop,
  others: readonly EnrolledDesktop[],
  policy: SecondDevicePolicy,
): "active" | "pending" {
  if (desktop.isApproved) return "active";
  const doubt = doubtAbout(desktop, others);
  if (doubt === "after-revocation") return "pending";
  if (policy === "alarm") return "active";
  return doubt !== null || desktop.state === "pending" ? "pending" : "active";
}

/** Whether two names of (device, OS user) mean the same; Windows keeps the case of neither. */
export function isSamePlace(
  left: { device: string; osUser: string },
  right: { device: string; osUser: string },
): boolean {
  return placeOf(left) === placeOf(right);
}

/** (device, OS user) as one text to compare. */
export function placeOf({ device, osUser }: { device: string; osUser: string }): string {
  return JSON.stringify([device.toLowerCase(), osUser.toLowerCase()]);
}
