/** Commands of the contract that come later: they say so and end with 2. */
const name = process.argv[2] ?? "this command";
process.stderr.write(`npm run ${name} is not built yet.\n`);
process.exitCode = 2;
