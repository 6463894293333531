// @ts-check
import { parseArgs } from "node:util";

export const USAGE = `usage: npm run doctor [-- [--config FILE] [--json] [--deep]]
  --config FILE  the configuration to check; without: ./deskreel.yaml if it is there, else the defaults
  --json         one JSON object instead of text
  --deep         reads every segment in the call buffer and compares its hash (as long as the disk takes)
Ends with 0: nothing fails, 1: something fails, 2: wrong usage or configuration.
`;

/**
 * @typedef {object} DoctorArguments
 * @property {string | undefined} config
 * @property {boolean} json
 * @property {boolean} deep
 * @property {boolean} help
 */

/**
 * @param {readonly string[]} argv
 * @returns {DoctorArguments}
 * @throws {TypeError} that names what is wrong
 */
export function readDoctorArguments(argv) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      config: { type: "string" },
      json: { type: "boolean", default: false },
      deep: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const { config, json, deep, help } = values;
  return { config, json, deep, help };
}
