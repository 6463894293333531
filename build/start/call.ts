/** `npm run call`: places another call with the `npm start` that is running. */
import { existsSync } from "node:fs";
import { loadConfig } from "#shared/runtime/config.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { ONE_MACHINE_CONFIG, ONE_MACHINE_SCRIPT } from "./places.ts";
import { say } from "./say.ts";

process.exitCode = await main();

async function main(): Promise<number> {
  const simulator = existsSync(ONE_MACHINE_CONFIG)
    ? loadConfig(ONE_MACHINE_CONFIG).adapter.placeCallUrl
    : null;
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
