/**
 * `npm run accounts -- COMMAND`: accounts of the replay page, for servers without a browser. It asks the running adapter
 * with the admin's token of its tokens file, so that all rules hold and all is in the audit log.
 */
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { askOwnServer, ownUrl } from "#shared/http/own-server.ts";
import { loadConfig } from "#shared/runtime/config.ts";
import type { AdapterConfig } from "#shared/runtime/config-schema.ts";
import { DeskreelError, describeError } from "#shared/runtime/errors.ts";
import { shutdownSignal } from "#shared/runtime/shutdown.ts";
import { readToken } from "#shared/runtime/tokens-file.ts";

const USAGE = `npm run accounts takes -- COMMAND [--config FILE], with one of
  list
  add NAME --role viewer|supervisor|admin|agent [--team NAME …] [--agent ID] [--password-stdin]
  password NAME [--password-stdin]
  disable NAME, enable NAME, remove NAME
Without --password-stdin a password is made up and printed once; its person has to change it either way.`;
const BAD_USAGE = ["BAD_CONFIG", "BAD_ARGUMENTS", "BAD_TOKENS_FILE"];

interface Account {
  id: string;
  name: string;
  role: string;
  teams: string[];
  agentId: string | null;
  disabled: boolean;
  signedInAt: string | null;
}

process.exitCode = await main();

/** Ends with 0, with 1 when the adapter refused or does not answer, with 2 for a wrong command. */
async function main(): Promise<number> {
  try {
    await run(readArguments());
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof DeskreelError ? describeError(error) : String(error)}\n`);
    return error instanceof DeskreelError && BAD_USAGE.includes(error.code) ? 2 : 1;
  }
}

async function run({ command, name, values }: ReturnType<typeof readArguments>): Promise<void> {
  const { adapter } = loadConfig(values.config);
  const ask = await asker(adapter);
  const accounts = async () => (await ask<{ items: Account[] }>("GET", "/v1/accounts")).items;
  if (command === "list") {
    const teams = await teamNames(ask);
    for (const account of await accounts()) say(describe(account, teams));
    return;
  }
  const given = values["password-stdin"]
    ? { password: (await text(process.stdin)).replace(/\r?\n$/, "") }
    : {};
  if (command === "add") {
    const teams = idsOf(values.team, await teamNames(ask));
    const agentId = values.agent ?? null;
    const body = { name, role: values.role, teams, agentId, ...given };
    tellPassword(await ask<{ name: string; password?: string }>("POST", "/v1/accounts", body));
    return;
  }
  const wanted = name.normalize("NFKC").toLowerCase();
  const found = (await accounts()).find((account) => account.name === wanted);
  if (found === undefined) throw new DeskreelError("UNKNOWN_ACCOUNT", `there is no account ${wanted}`);
  const path = `/v1/accounts/${found.id}`;
  if (command === "remove") await ask("DELETE", path);
  else if (command === "password") {
    const renewed = await ask<{ name: string; password?: string }>("POST", `${path}/password`, given);
    tellPassword(renewed);
    return;
  } else await ask("PATCH", path, { disabled: command === "disable" });
  say(`${found.name}: ${command === "remove" ? "removed" : `${command}d`}`);
}

type Ask = <Result>(method: string, path: string, body?: object) => Promise<Result>;

async function asker({ http, tokensFile }: AdapterConfig): Promise<Ask> {
  const headers = { Authorization: `Bearer ${await readToken(tokensFile, "admin")}` };
  const signal = shutdownSignal();
  return async <Result>(method: string, path: string, body?: object) => {
    const init =
      body === undefined
        ? { method, headers, signal }
        : {
            method,
            signal,
            headers: { ...headers, "Content-Type": "application/json" },
            body: JSON.stringify(body),
          };
    const answer = await askOwnServer(http, path, init).catch((cause: unknown) => {
      const message = `the adapter at ${ownUrl(http)} does not answer; is it running?`;
      throw new DeskreelError("NO_ADAPTER", message, { cause });
    });
    if (answer.status >= 400) throw new DeskreelError("REFUSED", refusalOf(answer.text));
    return (answer.text === "" ? null : JSON.parse(answer.text)) as Result;
  };
}

function refusalOf(answer: string): string {
  const { detail, errors = [] } = JSON.parse(answer) as {
    detail: string;
    errors?: { path: string; message: string }[];
  };
  return [detail, ...errors.map(({ path, message }) => `  ${path.slice(1)}: ${message}`)].join("\n");
}

async function teamNames(ask: Ask): Promise<Map<string, string>> {
  const { items } = await ask<{ items: { id: string; name: string }[] }>("GET", "/v1/teams");
  return new Map(items.map(({ id, name }) => [id, name]));
}

function idsOf(names: readonly string[], teams: ReadonlyMap<string, string>): string[] {
  return names.map((wanted) => {
    const [id] = [...teams].find(([, name]) => name.toLowerCase() === wanted.toLowerCase()) ?? [];
    if (id !== undefined) return id;
    throw new DeskreelError(
      "BAD_ARGUMENTS",
      `there is no team ${wanted}; there ${[...teams.values()].join(", ") || "are none yet"}`,
    );
  });
}

function describe(account: Account, teams: ReadonlyMap<string, string>): string {
  const { name, role, agentId, disabled, signedInAt } = account;
  const of = account.teams.map((team) => teams.get(team) ?? team);
  const parts = [
    role + (of.length === 0 ? "" : ` of ${of.join(", ")}`),
    ...(agentId === null ? [] : [`agent ${agentId}`]),
    ...(disabled ? ["disabled"] : []),
    signedInAt === null ? "never signed in" : `signed in ${signedInAt}`,
  ];
  return `${name}  ${parts.join(", ")}`;
}

function tellPassword({ name, password }: { name: string; password?: string }): void {
  say(password === undefined ? `${name}: done` : `${name}: the password is ${password}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function readArguments() {
  const { values, positionals } = parse();
  const commands = ["list", "add", "password", "disable", "enable", "remove"] as const;
  const command = commands.find((known) => known === positionals[0]);
  const name = positionals[1] ?? "";
  const isWhole = positionals.length === (command === "list" ? 1 : 2);
  if (command === undefined || !isWhole || (command === "add" && values.role === undefined)) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE);
  }
  return { command, name, values };
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        config: { type: "string" },
        role: { type: "string" },
        team: { type: "string", multiple: true, default: [] },
        agent: { type: "string" },
        "password-stdin": { type: "boolean", default: false },
      },
    });
  } catch (cause) {
    throw new DeskreelError("BAD_ARGUMENTS", USAGE, { cause });
  }
}
