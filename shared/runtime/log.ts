import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
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
 * @param alsoTo - gets every line too, as JSON.
 */
export function createLog(
  part: string,
  level = process.env["DESKREEL_LOG_LEVEL"] ?? "info",
  alsoTo?: DestinationStream,
): Log {
  const options = { level, base: { part }, timestamp: stdTimeFunctions.isoTime };
  if (alsoTo === undefined) return pino(options, standardError());
  // The logger's level decides; the streams take what it lets through.
  const streams = [standardError(), alsoTo].map((stream) => ({ level: "trace" as const, stream }));
  return pino(options, pino.multistream(streams));
}

function standardError(): DestinationStream {
  return process.stderr.isTTY
    ? pretty({ destination: 2, ignore: "pid,hostname,part", messageFormat: "{part}: {msg}" })
    : pino.destination({ dest: 2, sync: true });
}

/** A log that says nothing, for tests of other things. */
export function silentLog(): Log {
  return pino({ level: "silent" });
}
