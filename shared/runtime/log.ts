import { type Logger, pino, stdTimeFunctions } from "pino";
import pretty from "pino-pretty";

/**
 * One line per event: fixed lower-case words as the message, facts as fields with their unit in the name.
 * `warn` = somebody else's fault or retried, `error` = ours and lost. Never names of secrets' values.
 */
export type Log = Logger;

/**
 * The root log of a process: JSON lines on stderr, readable ones when stderr is a terminal. stdout stays free for
 * results (`--once` ends with one JSON object there).
 *
 * @param part - which program speaks, e.g. `recorder`.
 */
export function createLog(part: string, level = process.env["DESKREEL_LOG_LEVEL"] ?? "info"): Log {
  const base = { part };
  const options = { level, base, timestamp: stdTimeFunctions.isoTime };
  if (process.stderr.isTTY) {
    return pino(
      options,
      pretty({ destination: 2, ignore: "pid,hostname,part", messageFormat: "{part}: {msg}" }),
    );
  }
  return pino(options, pino.destination({ dest: 2, sync: true }));
}

/** A log that says nothing, for tests of other things. */
export function silentLog(): Log {
  return pino({ level: "silent" });
}
