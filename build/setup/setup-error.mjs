// @ts-check
/** A failure of set-up that a person can mend: what is wrong, and what to do next. */
export class SetupError extends Error {
  /**
   * @param {string} message subject, what was found, what was needed
   * @param {string} nextStep what the reader does next; may have several lines
   * @param {ErrorOptions} [options]
   */
  constructor(message, nextStep, options) {
    super(message, options);
    this.name = "SetupError";
    this.nextStep = nextStep;
  }
}

/**
 * The text of anything thrown.
 * @param {unknown} thrown
 * @returns {string}
 */
export function reasonOf(thrown) {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
