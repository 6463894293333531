import { parseArgs } from "node:util";
import { DeskreelError } from "#shared/runtime/errors.ts";

/** How `npm start` was asked to behave. */
export interface StartArguments {
  /** End after the first call with one line of JSON. */
  once: boolean;
  /** Record the display that this terminal is on instead of one of its own. */
  realScreen: boolean;
}

/** @throws DeskreelError `BAD_ARGUMENTS` that names what is unknown and what is allowed. */
export function readArguments(args: readonly string[]): StartArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        once: { type: "boolean", default: false },
        "real-screen": { type: "boolean", default: false },
      },
    });
    return { once: values.once, realScreen: values["real-screen"] };
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", "npm start takes -- --once and --real-screen", { cause });
  }
}
