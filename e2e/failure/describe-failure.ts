import { cpus, loadavg, release } from "node:os";
import { stripVTControlCharacters } from "node:util";
import { installedApp } from "../rig/installed-app.ts";

/** What is known of a failed test beside its files. */
export interface Failure {
  title: string;
  /** File, groups, title. */
  titlePath: readonly string[];
  /** From the repository's root. */
  file: string;
  line: number;
  error: string;
  lastedMs: number;
  /** What the folder has. */
  files: readonly string[];
  /** What could not be had, each with its reason. */
  missing: readonly string[];
}

/** What a file of the folder is; the first pattern that fits. */
const FILES: readonly (readonly [RegExp, string])[] = [
  [/^log\.txt$/, "logs of all parts by one clock (UTC; then seconds since the test's start)"],
  [/^display-.*\.png$/, "what an X display showed at the failure"],
  [/^page-.*\.png$/, "what a page showed at the failure"],
  [/-trace\.zip$/, "what was done in a page: `npx playwright show-trace FILE`"],
  [/^screens\//, "what was recorded of a monitor until the test's end"],
  [/^interactions\//, "an interaction as it was archived"],
  [/^config\//, "configuration, without secrets"],
  [/^catalogue\//, "the recorder's catalogue (SQLite)"],
  [/^recordings\.json$/, "what the recorder answered at the failure: `GET /v1/recordings`"],
  [/^agents\.json$/, "the same of `GET /v1/agents`"],
  [/^interactions\.json$/, "what the adapter answered at the failure: `GET /v1/interactions`"],
  [/^recorder-metrics\.txt$/, "the recorder's metrics at the failure"],
];

/** The folder's first page. */
export function describeFailure(failure: Failure): string {
  const [load = 0] = loadavg();
  const files = failure.files.map((file) => {
    const meaning = FILES.find(([pattern]) => pattern.test(file))?.[1] ?? "left by the test";
    return `- [\`${file}\`](${encodeURI(file)}): ${meaning}`;
  });
  return `# Failed: ${failure.title}

\`${failure.file}:${failure.line}\`, after ${(failure.lastedMs / 1_000).toFixed(1)} s

\`\`\`
${stripVTControlCharacters(failure.error)}
\`\`\`

## Run just this test again

\`\`\`sh
${rerunCommand(failure)}
\`\`\`

## What is here

${files.join("\n")}
${failure.missing.length === 0 ? "" : `\nNot to be had:\n\n${failure.missing.map((line) => `- ${line}\n`).join("")}`}
## Where it ran

Node.js ${process.versions.node}, Linux ${release()}, ${cpus().length} CPUs, load ${load.toFixed(1)}; the app: ${installedApp() ?? "of the working tree"}
`;
}

/** By its line and, where a loop makes several tests of one line, by its titles. */
function rerunCommand({ file, line, titlePath }: Failure): string {
  const app = installedApp();
  const pattern = titlePath
    .slice(1)
    .join(" ")
    .replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  const command = `npm run e2e -- ${file}:${line} -g '${pattern.replaceAll("'", "'\\''")}'`;
  return app === null ? command : `DESKREEL_APP='${app}' ${command}`;
}
