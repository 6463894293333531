/** `npm run call`: places another call with the `npm start` that is running. */
import { existsSync } from "node:fs";
import { loadConfig } from "#shared/runtime/config.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { REPOSITORY } from "../repository.ts";
import { ONE_MACHINE_SCRIPT, oneMachineConfig } from "./places.ts";
import { say } from "./say.ts";

process.exitCode = await main();

async function main(): Promise<number> {
  let simulator: string | null;
  try {
    const configFile = oneMachineConfig(loadConfig(undefined, process.env, REPOSITORY));
    simulator = existsSync(configFile) ? loadConfig(configFile).adapter.placeCallUrl : null;
  } catch (error) {
    say(`! ${describeError(error)}`);
    return 2;
  }
  if (simulator === null) {
    say("Nothing runs here yet: `npm start` first, then `npm run call` in a second terminal.");
    return 2;
  }
  try {
    const response = await fetch(`${simulator}/simulator/calls`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ script: process.argv[2] ?? ONE_MACHINE_SCRIPT }),
    });
    if (!response.ok) throw new Error(`the simulator answered ${response.status}: ${await response.text()}`);
    const { callSessionId } = (await response.json()) as { callSessionId: string };
    process.stdout.write(`A call rings: it becomes interaction ${callSessionId}.\n`);
    return 0;
  } catch (error) {
    say(
      `! no call could be placed at ${simulator}; is \`npm start\` still running? (${describeError(error)})`,
    );
    return 1;
  }
}
