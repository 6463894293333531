import type { AgentNames } from "./agent-names.ts";
import type { DesktopOwner } from "./aliases.ts";

/** A desktop as it introduces itself. */
interface Introduction {
  /** Whose it says it is. */
  agent: string;
  device: string;
  osUser: string;
}

/** Whose desktops are: shared Windows accounts and desks go by the alias file, all others by what they say. */
export class DesktopOwners {
  readonly #names: AgentNames;
  /** Agent by device and OS user. */
  #owners = new Map<string, string>();

  constructor(names: AgentNames) {
    this.#names = names;
  }

  /** What the alias file says, all of it. */
  take(owners: readonly DesktopOwner[]): void {
    this.#owners = new Map(owners.map(({ device, osUser, agent }) => [keyOf(device, osUser), agent]));
  }

  /** The agent's id; an entry with the OS user goes before one of the device alone. */
  ownerOf(desktop: Introduction): string {
    const { agent } = desktop;
    const owner = this.#entryOf(desktop);
    return owner === undefined
      ? this.#names.resolve(agent, "desktop")
      : this.#names.resolve(owner, "alias-file");
  }

  /** Whether the alias file says whose it is. */
  isAssigned(desktop: Introduction): boolean {
    return this.#entryOf(desktop) !== undefined;
  }

  #entryOf({ device, osUser }: Introduction): string | undefined {
    return (
      this.#owners.get(keyOf(device, osUser)) ??
      this.#owners.get(keyOf(device, withoutDomain(osUser))) ??
      this.#owners.get(keyOf(device, null))
    );
  }
}

function keyOf(device: string, osUser: string | null): string {
  return JSON.stringify([device.toLowerCase(), osUser?.toLowerCase() ?? null]);
}

/** `CONTOSO\kiosk` is `kiosk` to most. */
function withoutDomain(osUser: string): string {
  return osUser.slice(osUser.lastIndexOf("\\") + 1);
}
