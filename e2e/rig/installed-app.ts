/** The program of an installed app that the tests are to run in place of the working tree's: `DESKREEL_APP`. */
export function installedApp(): string | null {
  return process.env["DESKREEL_APP"] || null;
}
