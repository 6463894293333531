import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { loadConfig } from "#shared/runtime/config.ts";
import { isLoopback } from "#shared/runtime/config-schema.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { createLog } from "#shared/runtime/log.ts";
import { aborted, shutdownSignal } from "#shared/runtime/shutdown.ts";
import type { Credentials } from "./http/token-endpoint.ts";
import { listCallScripts } from "./script/shipped-scripts.ts";
import { type DynamicsSimulator, startDynamics } from "./simulator.ts";

const DEFAULT_PORT = 7600;
const USAGE = `npm run dynamics -- [--port N] [--config FILE]
  --port N           listen on 127.0.0.1:N (default: the port of dynamics.url in FILE, else ${DEFAULT_PORT}; 0 = any free one)
  --config FILE      be the Dynamics that this deskreel.yaml's section dynamics describes
`;

/** What the command line and the configuration file say. */
interface Settings {
  readonly port: number;
  readonly credentials?: Credentials;
}

function readSettings(args: string[]): Settings {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: { port: text, config: text },
  });
  const fromConfig: Partial<Settings> = values.config === undefined ? {} : readDynamicsSection(values.config);
  const port = values.port === undefined ? (fromConfig.port ?? DEFAULT_PORT) : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new DeskreelError(
      "BAD_ARGUMENTS",
      `--port must be a whole number from 0 to 65535, found ${values.port}`,
    );
  }
  return { ...fromConfig, port };
}

function readDynamicsSection(file: string): { port?: number; credentials: Credentials } {
  const { dynamics } = loadConfig(file);
  if (dynamics === undefined) throw new DeskreelError("BAD_ARGUMENTS", `${file} has no section dynamics`);
  const url = new URL(dynamics.url);
  if (!isLoopback(url.hostname)) {
    throw new DeskreelError(
      "BAD_ARGUMENTS",
      `${file}: dynamics.url is ${dynamics.url}; a simulator can only stand in for http://127.0.0.1:PORT`,
    );
  }
  const clientSecret = readFileSync(dynamics.clientSecretFile, "utf8").trim();
  const { tenantId, clientId } = dynamics;
  return { port: Number(url.port || 80), credentials: { tenantId, clientId, clientSecret } };
}

function describe(simulator: DynamicsSimulator, settings: Settings, scripts: readonly string[]): string {
  const secret = settings.credentials === undefined ? simulator.clientSecret : "(as in the configuration)";
  return `Dynamics simulator on ${simulator.url}
  dynamics:
    url: ${simulator.url}
    authority: ${simulator.url}
    tenantId: ${simulator.tenantId}
    clientId: ${simulator.clientId}
    clientSecretFile: FILE  # containing ${secret}
    events: webhook
    webhookUrl: http://127.0.0.1:7400
Its webhooks post what is registered: npm run setup-dynamics, once the recorder has that configuration.
Place a call (${scripts.join(", ")}):
  curl -H 'Content-Type: application/json' -d '{"script":"one-call"}' ${simulator.url}/simulator/calls
`;
}

if (process.argv.includes("--help")) process.stdout.write(USAGE);
else {
  try {
    const signal = shutdownSignal();
    const settings = readSettings(process.argv.slice(2));
    await using simulator = await startDynamics({ log: createLog("dynamics"), ...settings });
    process.stdout.write(describe(simulator, settings, await listCallScripts()));
    await aborted(signal);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
