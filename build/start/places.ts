import { join } from "node:path";
import { REPOSITORY } from "../repository.ts";

/** Where `npm start` keeps what is its own: configuration, logs, browser profiles. */
export const ONE_MACHINE_FOLDER = join(REPOSITORY, "data", "one-machine");

/** The configuration that the running parts were started with. */
export const ONE_MACHINE_CONFIG = join(ONE_MACHINE_FOLDER, "deskreel.yaml");

/** The call script that is played. */
export const ONE_MACHINE_SCRIPT = "one-call";
