import { fileURLToPath } from "node:url";

/** The root folder of the repository, absolute, without a trailing slash. */
export const REPOSITORY = fileURLToPath(new URL("..", import.meta.url)).replace(/[\\/]$/, "");

/** A tool's entry in node_modules/.bin. */
export function toolPath(name: string): string {
  return `${REPOSITORY}/node_modules/.bin/${name}`;
}
