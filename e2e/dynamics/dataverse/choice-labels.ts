// Numbers and English labels as in Microsoft's table reference of Dynamics 365 Customer Service.

export const STATE_CODES = { 0: "Active", 1: "Inactive" };
export const STATUS_CODES = { 1: "Active", 2: "Inactive" };

/** `msdyn_streamsource`: the channel of a conversation. */
export const CHANNELS = {
  19241000: "Teams",
  192300000: "WhatsApp",
  192310000: "LINE",
  192320000: "WeChat",
  192330000: "Facebook",
  192340000: "SMS",
  192350000: "Entity Records",
  192350002: "Custom",
  192360000: "Live chat",
  192370000: "Voice",
  192380000: "Video",
  192390000: "Co-browse",
  192400000: "Screen sharing",
  192440000: "Voice call",
};
export const VOICE_CALL = "192440000";
export const LIVE_CHAT = "192360000";

/** `msdyn_ocliveworkitem.statecode`. */
export const CONVERSATION_STATES = { 0: "Open", 1: "Closed", 2: "Resolved", 3: "Scheduled" };
/** `msdyn_ocliveworkitem.statuscode`: Active already when offered; Wrap-up after the end; Closed is final. */
export const CONVERSATION_STATUSES = {
  1: "Open",
  2: "Active",
  3: "Waiting",
  4: "Closed",
  5: "Wrap-up",
  6: "Resolved",
  7: "Scheduled",
};

/** `msdyn_ocliveworkitem.msdyn_statuschangereason`. */
export const STATUS_CHANGE_REASONS = {
  192350001: "AwaitingAgentAssignment",
  192350002: "AwaitingAgentAcceptance",
  192350003: "InConversation",
  192350004: "AwaitingCustomerResponse",
  192350005: "AgentMovedToWrapUp",
  192350006: "CustomerDisconnectedOrLeftActiveConversation",
  192350007: "CutomerMovedToWrapUp",
  192350008: "ConversationEndedByAgent",
  192350012: "CustomerDisconnectedOrLeftOpenConversation",
  192350015: "ForceClosedBySupervisor",
  192350017: "AssignedBySupervisor",
};

/** `msdyn_ocliveworkitem.msdyn_conversationactivitystate`. */
export const ACTIVITY_STATES = { 0: "Default", 1: "Talk", 2: "Hold", 3: "Ended" };

/** `msdyn_ocsession.statecode` and, one higher, its `statuscode`. */
export const SESSION_STATES = { 0: "Open", 1: "Completed", 2: "Canceled", 3: "Scheduled" };
export const SESSION_STATUSES = { 1: "Open", 2: "Completed", 3: "Canceled", 4: "Scheduled" };
/** `msdyn_ocsession.msdyn_state`, which Microsoft calls deprecated. */
export const DEPRECATED_SESSION_STATES = {
  192350001: "Active",
  192350002: "Closed",
  192350003: "New",
  192350004: "Wrap-up",
};

/** `msdyn_ocsession.msdyn_sessioncreationreason`. */
export const SESSION_CREATION_REASONS = {
  192350000: "Default",
  192350001: "AgentTransfer",
  192350002: "QueueTransfer",
  192350024: "BotTransferSession",
  192350039: "Consult",
  192350040: "AgentMonitor",
};

/** `msdyn_ocsession.msdyn_closurereason`. */
export const CLOSURE_REASONS = {
  192350001: "AgentReject",
  192350002: "AgentTimeout",
  192350003: "ConversationTimeout",
  192350004: "AgentClosed",
  192350005: "ConversationClosed",
  192350006: "AgentTransfered",
  192350007: "AgentDisconnected",
  192350008: "AgentReRouted",
  192350010: "AgentTransferToQueue",
  192350011: "SupervisorAssignToQueue",
  192350012: "SupervisorTransferToAgent",
  192350013: "SystemReject",
  192350014: "ForceClose",
  192350017: "AddAgentFailed",
  192350020: "CustomerDisconnect",
  192350021: "AgentEndConversation",
  192350022: "CustomerEndConversation",
  192350023: "QueueTransfer",
  192350026: "BotTransferToAgent",
  192350036: "ExternalAgentAccept",
  192350037: "ExternalAgentReject",
  192350038: "ExternalAgentTransfer",
  192350052: "MonitorDisconnected",
  192350054: "VoiceConnectivityProblem",
  192350055: "MaximumSessionsReached",
  192350056: "CallTimedOut",
  192350064: "AutoRejectedDueToBrowserRefresh",
  192350065: "AutoRejectAsOutboundCallInProgress",
};

/** `msdyn_sessionparticipant.msdyn_mode`. */
export const PARTICIPANT_MODES = {
  192350002: "Primary",
  192350003: "Consult",
  192350004: "Monitor",
  192350005: "Preview",
};
/** `msdyn_sessionparticipant.msdyn_consultmode`. */
export const CONSULT_MODES = { 0: "Chat", 1: "Chat And Voice", 2: "Voice" };
/** `msdyn_sessionparticipant.msdyn_conversationaccess`. */
export const CONVERSATION_ACCESS = { 0: "Default", 1: "Public", 2: "Private" };
/** `msdyn_sessionparticipant.msdyn_externalparticipantchanneltype`. */
export const EXTERNAL_CHANNEL_TYPES = { 426120000: "Phone Number" };

/** `msdyn_sessionevent.msdyn_eventtype`. */
export const SESSION_EVENT_TYPES = {
  192350000: "Default",
  192350001: "QueueAssigned",
  192350002: "AgentAssigned",
  192350003: "AgentAccepted",
  192350004: "AgentInviteRejected",
  192350005: "SessionEnd",
  192350006: "SessionCreated",
  192350007: "AgentInviteTimeout",
  192350008: "Escalated",
  192350009: "ParticipantInvited",
  192350010: "ParticipantInviteRejected",
  192350011: "ParticipantInviteAccepted",
  192350012: "ParticipantInviteTimeout",
  192350013: "ParticipantEnd",
  192350014: "AgentDisconnected",
  192350015: "AgentTimeout",
  192350017: "CustomerDisconnected",
  192350018: "TransferedToAgent",
  192350019: "TransferedToQueue",
  192350020: "ParticipantLeft",
  192350025: "CustomerEndConversation",
  192350026: "AgentEndConversation",
  192350029: "AgentEndConsult",
  192350030: "SupervisorForceClose",
  192350031: "SessionEndAfterWrapUp",
};
/** `msdyn_sessionevent.msdyn_eventreason`. */
export const SESSION_EVENT_REASONS = {
  192350000: "Default",
  192350001: "AgentTransfer",
  192350002: "QueueTransfer",
  192350005: "UserAccept",
  192350006: "AutoAccept",
  192350030: "AgentEndConversation",
  192350032: "AgentEndConsult",
  192350033: "ForceClose",
  192350039: "Consult",
  192350040: "AgentMonitor",
  192350041: "AgentConversationJoin",
  192350042: "Preview",
};

/** `msdyn_ocsessionparticipantevent.msdyn_eventtype`; Hold is from Microsoft's page on session metrics. */
export const PARTICIPANT_EVENT_TYPES = { 192350000: "None", 192350001: "Hold" };
/** `msdyn_ocsessionparticipantevent.msdyn_eventreason`. */
export const PARTICIPANT_EVENT_REASONS = {
  192350000: "Agent Initiated",
  192350001: "Session Transfer In Transit",
  192350002: "Session Transfer Accepted",
};

/** `msdyn_presence.msdyn_basepresencestatus`. */
export const BASE_PRESENCES = {
  192360000: "Available",
  192360001: "Busy",
  192360002: "Busy - Do not disturb",
  192360003: "Away",
  192360004: "Offline",
};
/** `msdyn_agentstatus.msdyn_eventname`. */
export const AGENT_STATUS_EVENTS = {
  192350001: "Configuration Update",
  192350002: "New User",
  192350003: "Login",
  192350004: "Reconnect",
  192350005: "Logout",
  192350006: "Set Presence",
  192350007: "Missed Notification",
  192350008: "Rejected Notification",
  192350009: "Other",
  192350010: "Reset Missed/Rejected Notification Presence",
  192350011: "Assignment Attempted With Capacity Reservation",
  192350012: "Session Assigned",
  192350013: "Session Closed",
  192350014: "End of Day Capacity Reset",
};
/** `msdyn_agentstatus.msdyn_subeventname`. */
export const AGENT_STATUS_SUBEVENTS = {
  192350001: "Assignment Accept",
  192350002: "Pick",
  192350003: "Assigned By Supervisor",
  192350004: "Transfer",
  192350005: "Representative Initiated Outbound Call",
  192350006: "Agent End Conversation",
  192350007: "Agent Reject",
  192350008: "Agent Timeout",
  192350012: "Agent Transfered",
  192350025: "Customer Disconnect",
};

/** `serviceendpoint.contract`. */
export const ENDPOINT_CONTRACTS = {
  1: "OneWay",
  2: "Queue",
  3: "Rest",
  4: "TwoWay",
  5: "Topic",
  6: "Queue (Persistent)",
  7: "Event Hub",
  8: "Webhook",
};
/** `serviceendpoint.authtype`. */
export const ENDPOINT_AUTH_TYPES = {
  1: "ACS",
  2: "SAS Key",
  3: "SAS Token",
  4: "Webhook Key",
  5: "Http Header",
  6: "Http Query String",
};
/** `serviceendpoint.messageformat`. */
export const MESSAGE_FORMATS = { 1: "Binary XML", 2: "Json", 3: "Text XML" };

/** `sdkmessageprocessingstep.stage`, `.mode`, `.supporteddeployment`, `.statecode`, `.statuscode`. */
export const STEP_STAGES = { 10: "Pre-validation", 20: "Pre-operation", 40: "Post-operation" };
export const STEP_MODES = { 0: "Synchronous", 1: "Asynchronous" };
export const STEP_DEPLOYMENTS = {
  0: "Server Only",
  1: "Microsoft Dynamics 365 Client for Outlook Only",
  2: "Both",
};
export const STEP_STATES = { 0: "Enabled", 1: "Disabled" };
export const STEP_STATUSES = { 1: "Enabled", 2: "Disabled" };
/** `sdkmessageprocessingstepimage.imagetype`. */
export const IMAGE_TYPES = { 0: "PreImage", 1: "PostImage", 2: "Both" };

/** `asyncoperation.operationtype`, `.statecode`, `.statuscode`. */
export const OPERATION_TYPES = { 1: "System Event" };
export const OPERATION_STATES = { 0: "Ready", 1: "Suspended", 2: "Locked", 3: "Completed" };
export const OPERATION_STATUSES = {
  0: "Waiting For Resources",
  10: "Waiting",
  20: "In Progress",
  21: "Pausing",
  22: "Canceling",
  30: "Succeeded",
  31: "Failed",
  32: "Canceled",
};
