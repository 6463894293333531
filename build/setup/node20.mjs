// @ts-check
// Imported before anything else: on an older Node the rest of set-up fails without saying why.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 12)) {
  process.stderr.write(
    `[set-up] stopped: this is Node.js ${process.versions.node}, set-up needs 20.12 or newer\n` +
      "[set-up] next step: install Node.js 24 (LTS), then run the command again.\n",
  );
  process.exit(1);
}
