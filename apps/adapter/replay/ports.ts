import type { InteractionCatalogue } from "../archive/catalogue.ts";

/** What replay needs of the archive's catalogue. */
export type ReplayCatalogue = Pick<InteractionCatalogue, "list" | "get" | "fileOf">;

/** Has the simulated Dynamics place a scripted call; resolves with the interaction that it will become. */
export type PlaceCall = () => Promise<{ interactionId: string }>;
