/** The names of the IPC channels; apart from the schemas, so that the preload script stays free of a schema library. */
export const IPC_CHANNELS = {
  /** main → page: `pageCommandSchema`. */
  command: "deskreel:command",
  /** page → main: `commandDoneSchema`, one for every command, in order. */
  done: "deskreel:done",
  /** page → main, answered: `pageRequestSchema` → `pageAnswerSchemas`. */
  request: "deskreel:request",
  /** page → main: `pageStatusSchema`, after every command and every 2 s. */
  status: "deskreel:status",
} as const;
