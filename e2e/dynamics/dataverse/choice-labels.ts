// Numbers and English labels as in Microsoft's table reference of Dynamics 365 Customer Service.

export const STATE_CODES = { 0: "Active", 1: "Inactive" };

/** `msdyn_streamsource`: the channel of a conversation. */
export const CHANNELS = { 192360000: "Live chat", 192370000: "Voice", 192440000: "Voice call" };
export const VOICE_CALL = "192440000";

/** `msdyn_ocliveworkitem.statecode`. */
export const CONVERSATION_STATES = { 0: "Open", 1: "Closed", 2: "Resolved", 3: "Scheduled" };
/** `msdyn_ocliveworkitem.statuscode`: Active already when offered; Wrap-up after the end; Closed is final. */
export const CONVERSATION_STATUSES = { 1: "Open", 2: "Active", 3: "Waiting", 4: "Closed", 5: "Wrap-up" };

/** `msdyn_ocliveworkitem.msdyn_statuschangereason`. */
export const STATUS_CHANGE_REASONS = {
  192350001: "AwaitingAgentAssignment",
  192350002: "AwaitingAgentAcceptance",
  192350003: "InConversation",
  192350005: "AgentMovedToWrapUp",
  192350006: "CustomerDisconnectedOrLeftActiveConversation",
  192350008: "ConversationEndedByAgent",
  192350012: "CustomerDisconnectedOrLeftOpenConversation",
};

/** `msdyn_ocliveworkitem.msdyn_conversationactivitystate`. */
export const ACTIVITY_STATES = { 0: "Default", 1: "Talk", 2: "Hold", 3: "Ended" };

/** `msdyn_ocsession.statecode` and, one higher, its `statuscode`. */
export const SESSION_STATES = { 0: "Open", 1: "Completed", 2: "Canceled", 3: "Scheduled" };
export const SESSION_STATUSES = { 1: "Open", 2: "Completed", 3: "Canceled", 4: "Scheduled" };

/** `msdyn_ocsession.msdyn_sessioncreationreason`. */
export const SESSION_CREATION_REASONS = { 192350000: "Default", 192350001: "AgentTransfer" };

/** `msdyn_ocsession.msdyn_closurereason`. */
export const CLOSURE_REASONS = {
  192350002: "AgentTimeout",
  192350005: "ConversationClosed",
  192350006: "AgentTransfered",
  192350020: "CustomerDisconnect",
  192350021: "AgentEndConversation",
};

/** `msdyn_sessionparticipant.msdyn_mode`. */
export const PARTICIPANT_MODES = {
  192350002: "Primary",
  192350003: "Consult",
  192350004: "Monitor",
  192350005: "Preview",
};
