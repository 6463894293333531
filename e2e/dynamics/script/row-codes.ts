// Choices that a call writes, by the names of Microsoft's table reference; what the numbers mean in English is in
// dataverse/choice-labels.ts.

/** `msdyn_ocliveworkitem.msdyn_statuschangereason`. */
export const STATUS_REASON = {
  awaitingAssignment: 192350001,
  awaitingAcceptance: 192350002,
  inConversation: 192350003,
  wrapUp: 192350005,
  customerLeftActive: 192350006,
  endedByAgent: 192350008,
  customerLeftWaiting: 192350012,
  closedBySupervisor: 192350015,
} as const;

/** `msdyn_ocliveworkitem.statuscode`. */
export const CONVERSATION_STATUS = { open: 1, active: 2, closed: 4, wrapUp: 5 } as const;

/** `msdyn_ocliveworkitem.msdyn_conversationactivitystate`. */
export const ACTIVITY = { none: 0, talk: 1, hold: 2, ended: 3 } as const;

/** `msdyn_ocsession.msdyn_closurereason`. */
export const CLOSURE = {
  agentReject: 192350001,
  agentTimeout: 192350002,
  conversationClosed: 192350005,
  agentTransferred: 192350006,
  transferToQueue: 192350010,
  forceClose: 192350014,
  customerLeft: 192350020,
  endedByAgent: 192350021,
  botTransfer: 192350026,
  browserRefresh: 192350064,
} as const;

/** `msdyn_ocsession.msdyn_sessioncreationreason`. */
export const CREATION = {
  fromQueue: 192350000,
  agentTransfer: 192350001,
  queueTransfer: 192350002,
  botTransfer: 192350024,
} as const;

/** `msdyn_sessionparticipant.msdyn_mode`. */
export const MODE = {
  primary: 192350002,
  consult: 192350003,
  monitor: 192350004,
  preview: 192350005,
} as const;

/** `msdyn_sessionparticipant.msdyn_conversationaccess`: whether the customer hears a consultation. */
export const ACCESS = { none: 0, public: 1, private: 2 } as const;

/** `msdyn_sessionparticipant.msdyn_consultmode`. */
export const CONSULT_BY_VOICE = 2;

/** `msdyn_ocsessionparticipantevent`: its type and its reason. */
export const HOLD_EVENT = { type: 192350001, byAgent: 192350000 } as const;

/** `msdyn_sessionevent.msdyn_eventtype`. */
export const SESSION_EVENT = {
  queueAssigned: 192350001,
  agentAssigned: 192350002,
  agentAccepted: 192350003,
  agentRejected: 192350004,
  sessionEnd: 192350005,
  sessionCreated: 192350006,
  agentTimeout: 192350007,
  participantInvited: 192350009,
  participantRejected: 192350010,
  participantAccepted: 192350011,
  participantTimeout: 192350012,
  participantEnd: 192350013,
  agentDisconnected: 192350014,
  customerDisconnected: 192350017,
  transferredToAgent: 192350018,
  transferredToQueue: 192350019,
  participantLeft: 192350020,
  agentEndConversation: 192350026,
  agentEndConsult: 192350029,
  supervisorForceClose: 192350030,
  endAfterWrapUp: 192350031,
} as const;

/** `msdyn_sessionevent.msdyn_eventreason` of a participant's events. */
export const SESSION_EVENT_REASON = { consult: 192350039, monitor: 192350040, preview: 192350042 } as const;

/** `msdyn_agentstatus.msdyn_eventname`. */
export const STATUS_EVENT = {
  login: 192350003,
  logout: 192350005,
  setPresence: 192350006,
  missed: 192350007,
  rejected: 192350008,
  assignmentAttempted: 192350011,
  sessionAssigned: 192350012,
  sessionClosed: 192350013,
} as const;

/** `msdyn_agentstatus.msdyn_subeventname`. */
export const STATUS_SUB_EVENT = {
  accept: 192350001,
  outbound: 192350005,
  endConversation: 192350006,
  reject: 192350007,
  timeout: 192350008,
  transferred: 192350012,
} as const;
