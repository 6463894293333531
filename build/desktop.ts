/** `npm run desktop -- --config FILE`: bundles the app and runs it in Electron until it or we are told to end. */
import { spawn } from "node:child_process";
import { bundleDesktop } from "./bundle-desktop.ts";
import { electronProgram } from "./electron-program.ts";

await bundleDesktop();
const { executable, args } = electronProgram(process.argv.slice(2));
const child = spawn(executable, args, { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
child.once("error", (error) => {
  process.stderr.write(
    `Electron cannot be started: ${error.message}; run npm start, it installs what is missing\n`,
  );
  process.exitCode = 1;
});
child.once("exit", (code) => {
  process.exitCode = code ?? 1;
});
