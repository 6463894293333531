import { parseDocument } from "yaml";
import { z } from "zod";
import { agentIdSchema } from "#shared/api/identity.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";
import { type FieldProblem, fieldProblems, jsonPointer } from "#shared/runtime/schema-problems.ts";

/** Whose a desktop is, whatever it says; names in lower case. */
export interface DesktopOwner {
  device: string;
  /** Null: whoever is signed in. */
  osUser: string | null;
  agent: string;
}

/** What the alias file says. */
export interface Aliases {
  /** Names of one person each, the agent's own first; lower case. */
  agents: readonly (readonly [agent: string, ...names: string[]])[];
  desktops: readonly DesktopOwner[];
}

export const NO_ALIASES: Aliases = { agents: [], desktops: [] };

/** An alias file that is refused: every fault of it. */
export class AliasFileError extends DeskreelError {
  readonly problems: readonly FieldProblem[];

  constructor(problems: readonly FieldProblem[], options?: ErrorOptions) {
    const faults = problems.map(({ path, message }) => `${path === "" ? "the file" : path} ${message}`);
    super("BAD_ALIAS_FILE", faults.join("; "), options);
    this.problems = problems;
  }
}

// In double quotes YAML takes "CONTOSO\bob" for a backspace, and the name would never match anything.
// oxlint-disable-next-line no-control-regex -- exactly those
const CONTROL = /[\u0000-\u001f\u007f]/;
const hasNoControl = (text: string) => !CONTROL.test(text);
const CONTROL_MESSAGE = "has a control character; write names with a backslash without double quotes";

const name = agentIdSchema.refine(hasNoControl, CONTROL_MESSAGE);
const place = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(128, "must have at most 128 characters")
  .refine(hasNoControl, CONTROL_MESSAGE)
  .transform((text) => text.toLowerCase());

const aliasesSchema = z.strictObject({
  agents: z
    .array(z.strictObject({ agent: name, names: z.array(name).min(1, "must name at least one") }))
    .nullish(),
  desktops: z.array(z.strictObject({ device: place, osUser: place.optional(), agent: name })).nullish(),
});

/**
 * Reads an alias file (YAML).
 *
 * @throws {@link AliasFileError} naming every fault at once: fields, and what is said twice.
 */
export function parseAliases(text: string): Aliases {
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    throw new AliasFileError(
      document.errors.map((error) => ({
        path: "",
        message: `is not valid YAML: ${error.message.split("\n")[0]}`,
      })),
    );
  }
  const tree: unknown = document.toJS() ?? {};
  const parsed = aliasesSchema.safeParse(tree);
  if (!parsed.success) throw new AliasFileError(fieldProblems(parsed.error));
  const agents = parsed.data.agents ?? [];
  const desktops = parsed.data.desktops ?? [];
  const problems = [
    ...repetitions(
      agents.flatMap((entry, index) => [
        { key: entry.agent, path: ["agents", index, "agent"] },
        ...entry.names.map((key, at) => ({ key, path: ["agents", index, "names", at] })),
      ]),
    ),
    ...repetitions(
      desktops.map(({ device, osUser }, index) => ({
        key: osUser === undefined ? device : `${device} with ${osUser}`,
        path: ["desktops", index],
      })),
    ),
  ];
  if (problems.length > 0) throw new AliasFileError(problems);
  return {
    agents: agents.map(({ agent, names }) => [agent, ...names] as const),
    desktops: desktops.map(({ device, osUser = null, agent }) => ({ device, osUser, agent })),
  };
}

/** What is said twice: the file would contradict itself, or one entry silently win. */
function repetitions(said: readonly { key: string; path: (string | number)[] }[]): FieldProblem[] {
  const first = new Map<string, string>();
  return said.flatMap(({ key, path }) => {
    const before = first.get(key);
    const here = jsonPointer(path);
    if (before === undefined) first.set(key, here);
    return before === undefined ? [] : [{ path: here, message: `says ${key} again, after ${before}` }];
  });
}
