import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { configSchema, type DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { silentLog } from "#shared/runtime/log.ts";
import { WallClock } from "#shared/time/wall-clock.ts";
import {
  type DynamicsOptions,
  type DynamicsSimulator,
  startDynamics,
} from "../../../../e2e/dynamics/simulator.ts";
import type { LoggedRequest } from "../../../../e2e/dynamics/http/request-log.ts";
import { scratchFolder } from "../../rig/run-site.ts";

/** A simulated environment, and a client that knows its secret. */
export interface Environment extends AsyncDisposable {
  /** Goes with it. */
  readonly folder: string;
  readonly simulator: DynamicsSimulator;
  readonly config: DynamicsConfig;
  readonly client: DataverseClient;
  /** What was asked of paths that contain a text. */
  asked(text: string): LoggedRequest[];
}

export async function openEnvironment({
  clientSecret: wrongSecret,
  ...options
}: Partial<DynamicsOptions> & { clientSecret?: string } = {}): Promise<Environment> {
  await using opened = new AsyncDisposableStack();
  const { path: folder } = opened.use(await scratchFolder());
  const simulator = opened.use(await startDynamics({ log: silentLog(), ...options }));
  const { url, tenantId, clientId, clientSecret } = simulator;
  const clientSecretFile = join(folder, "secret");
  await writeFile(clientSecretFile, wrongSecret ?? clientSecret);
  const tree = { dynamics: { url, authority: url, tenantId, clientId, clientSecretFile } };
  const config = configSchema(folder).parse(tree).dynamics;
  if (config === undefined) throw new Error("the section is there");
  const client = new DataverseClient(config, new WallClock());
  const owned = opened.move();
  return {
    ...{ folder, simulator, config, client },
    asked: (text) =>
      simulator.requests.all().filter(({ url: asked }) => decodeURIComponent(asked).includes(text)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
