import type { DurationMs } from "#shared/time/units.ts";

/** What a participant's msdyn_mode means. */
export type ParticipantMode = "primary" | "consult" | "monitor" | "preview";

/** Numbers of msdyn_sessionparticipant.msdyn_mode (Microsoft's table reference). */
export const PARTICIPANT_MODES: Readonly<Record<number, ParticipantMode>> = {
  192_350_002: "primary",
  192_350_003: "consult",
  192_350_004: "monitor",
  192_350_005: "preview",
};

/** What Microsoft does not document, or what sites differ in; `dynamics.mapping` of the configuration. */
export interface MappingSettings {
  /** msdyn_streamsource values that are voice. */
  voiceChannels: readonly number[];
  /** Who is recorded, by the participant's mode. */
  recordModes: readonly ParticipantMode[];
  /** Bots are participants too. */
  recordBots: boolean;
  /** Which column says when it rang. */
  ringingTime: "createdon" | "addedon";
  /** What tells of holds; both may, then the same hold is taken once. */
  holdSignals: readonly ("participant-events" | "activity-state")[];
  /** Two signals this close together tell of the same hold. */
  holdMatchMs: DurationMs;
  /** msdyn_ocsessionparticipantevent.msdyn_eventtype of a hold. */
  holdEventType: number;
  /** When a consultation counts as a conference: the customer is not on hold; the participant's access is public; never. */
  conferencing: "off-hold" | "public-access" | "never";
  /** msdyn_closurereason of a session whose offer was not taken, for participants whose own row does not say that they left. */
  notRespondingClosures: readonly number[];
}
