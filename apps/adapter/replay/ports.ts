import type { Manifest } from "#shared/archive/manifest.ts";
import type { InteractionQuery } from "./interaction-query.ts";

/** An interaction as lists show it: the manifest without its long parts. */
export type InteractionSummary = Omit<Manifest, "events" | "files" | "screens"> & {
  screens: Omit<Manifest["screens"][number], "coverage">[];
};

/** A page of a list; `cursor` continues it, null at its end. */
export interface InteractionPage {
  items: InteractionSummary[];
  cursor: string | null;
}

/** A file of an interaction's newest complete version, as its manifest lists it. */
export interface ArchivedFile {
  /** Absolute path on this machine. */
  path: string;
  bytes: number;
  sha256: string;
}

/** What replay needs of the archive's catalogue; ids are lower case. */
export interface InteractionCatalogue {
  /**
   * The interactions that match, newest first.
   *
   * @throws DeskreelError `BAD_CURSOR` when the cursor is none of this catalogue's.
   */
  list(query: InteractionQuery): InteractionPage | Promise<InteractionPage>;
  /** The manifest of the newest complete version, or null when the interaction is unknown. */
  get(interactionId: string): Manifest | null | Promise<Manifest | null>;
  /** Null when the interaction is unknown or its manifest does not list the file. */
  fileOf(interactionId: string, name: string): ArchivedFile | null | Promise<ArchivedFile | null>;
}

/** Has the simulated Dynamics place a scripted call; resolves with the interaction it will become. */
export type PlaceCall = () => Promise<{ interactionId: string }>;
