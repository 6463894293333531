import { dirname, join } from "node:path";
import type { Config } from "#shared/runtime/config-schema.ts";

/** Where `npm start` keeps what is its own, beside the adapter's data: configuration, logs, browser profiles. */
export function oneMachineFolder({ adapter }: Config): string {
  return join(dirname(adapter.dataDir), "one-machine");
}

/** The configuration that the running parts were started with. */
export function oneMachineConfig(config: Config): string {
  return join(oneMachineFolder(config), "deskreel.yaml");
}

/** The call script that is played. */
export const ONE_MACHINE_SCRIPT = "one-call";
