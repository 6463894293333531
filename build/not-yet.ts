/** Commands that have their name already, and what will bring them. */
const LATER: Readonly<Record<string, string>> = {
  package: "it comes with the installers",
};

const name = process.argv[2] ?? "";
process.stderr.write(`npm run ${name} is not built yet: ${LATER[name] ?? "it comes later"}\n`);
process.exitCode = 2;
