/** `npm start`: the whole product on this machine, with a simulated Dynamics and one scripted call. */
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { aborted, shutdownSignal } from "#shared/runtime/shutdown.ts";
import { readArguments } from "./arguments.ts";
import { followCall } from "./follow-call.ts";
import { startOneMachine } from "./one-machine.ts";
import { say } from "./say.ts";

const ASKED_WRONGLY: readonly string[] = ["BAD_ARGUMENTS", "BAD_CONFIG"];

/** Ends with 0, with 1 when something failed, with 2 when it was asked wrongly, with 130 when it was stopped early. */
async function main(): Promise<number> {
  const signal = shutdownSignal();
  try {
    const { once, realScreen } = readArguments(process.argv.slice(2));
    await using machine = await startOneMachine({ realScreen, signal });
    const call = await machine.placeCall();
    const stopped = aborted(signal).then(() => signal.throwIfAborted() as never);
    const result = await Promise.race([followCall(machine, call, signal), machine.died, stopped]);
    for (const fault of result.faults) say(`! ${fault}`);
    if (once) {
      process.stdout.write(`${JSON.stringify(result.summary)}\n`);
      return result.faults.length === 0 ? 0 : 1;
    }
    say("");
    say(`Replay: ${machine.replayUrl}`);
    say("Everything goes on: `npm run call` or the button in the page places another call. Ctrl-C ends it.");
    await Promise.race([aborted(signal), machine.died]);
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    say(
      `! ${error instanceof DeskreelError ? describeError(error) : ((error as Error).stack ?? String(error))}`,
    );
    return error instanceof DeskreelError && ASKED_WRONGLY.includes(error.code) ? 2 : 1;
  }
}

process.exitCode = await main();
