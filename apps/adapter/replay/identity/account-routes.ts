import express, { type Request, type RequestHandler, type Response, Router } from "express";
import { ulid } from "ulid";
import { z } from "zod";
import { agentIdSchema } from "#shared/api/identity.ts";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import { ROLES } from "../../domain/permissions.ts";
import type { Account } from "../../store/account-store.ts";
import { addressOf, permitOf, requireAction, requireSameOrigin } from "../access.ts";
import { type AccountFacts, type Accounts, subjectOf, WeakPassword } from "./accounts.ts";
import { type Authentication, foldName } from "./authentication.ts";
import type { Sessions } from "./sessions.ts";

const TEAMS_MOST = 1_000;
const AGENTS_MOST = 10_000;
const NAME_MOST = 128;

const nameSchema = z
  .string("must be a text")
  .transform(foldName)
  .pipe(
    z
      .string()
      .regex(
        /^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$/u,
        "must begin with a letter or digit, and have only those and . _ @ + -",
      )
      .max(NAME_MOST, `must have at most ${NAME_MOST} characters`),
  );
const passwordSchema = z.string("must be a text").max(1_024, "must have at most 1024 characters");
const factsSchema = z.strictObject({
  role: z.enum(ROLES, `must be one of ${ROLES.join(", ")}`),
  teams: z.array(z.string()).max(TEAMS_MOST, `must have at most ${TEAMS_MOST} teams`),
  agentId: agentIdSchema.nullable(),
  disabled: z.boolean("must be true or false"),
});
export const newAccountSchema = factsSchema.partial({ teams: true, agentId: true, disabled: true }).extend({
  name: nameSchema,
  password: passwordSchema.exactOptional(),
});
export const accountChangesSchema = factsSchema.partial();
export const newPasswordSchema = z.strictObject({ password: passwordSchema.exactOptional() });
export const ownPasswordSchema = z.strictObject({ current: passwordSchema, password: passwordSchema });
export const teamsSchema = z
  .strictObject({
    items: z
      .array(
        z.strictObject({
          id: z
            .string()
            .regex(/^[\w-]{1,64}$/, "must be 1 to 64 letters, digits, _ or -")
            .exactOptional(),
          name: z
            .string()
            .trim()
            .min(1, "must not be empty")
            .max(NAME_MOST, `must have at most ${NAME_MOST} characters`),
          agents: z.array(agentIdSchema).max(AGENTS_MOST, `must have at most ${AGENTS_MOST} agents`),
        }),
      )
      .max(TEAMS_MOST, `must have at most ${TEAMS_MOST} teams`),
  })
  .refine(({ items }) => isUnique(items.map(({ name }) => name)), {
    error: "must all have other names",
    path: ["items"],
  })
  .refine(({ items }) => isUnique(items.flatMap(({ id }) => id ?? [])), {
    error: "must all have other ids",
    path: ["items"],
  });

export interface AccountRoutes {
  accounts: Accounts;
  authentication: Authentication;
  sessions: Sessions;
}

/** Accounts and teams for admins, and everybody's own password; below `/v1`. */
export function routeAccounts({ accounts, authentication, sessions }: AccountRoutes): Router {
  const routes = Router();
  const read = requireAction("administer");
  const write: RequestHandler[] = [read, requireSameOrigin, express.json()];

  routes.get("/accounts", read, (_request, response) => {
    response.json({ items: accounts.list().map(shown) });
  });

  routes.post("/accounts", ...write, async (request, response) => {
    const { name, role, password, teams, agentId, disabled } = parseRequest(
      newAccountSchema,
      request.body ?? {},
      "the account",
    );
    const facts = { role, teams: teams ?? [], agentId: agentId ?? null, isDisabled: disabled ?? false };
    const { account, madeUp } = await accounts.add(nameOf(response), name, facts, password);
    response.status(201).json({ ...shown(account), ...(madeUp === null ? {} : { password: madeUp }) });
  });

  routes.patch("/accounts/:id", ...write, (request, response) => {
    const { role, teams, agentId, disabled } = parseRequest(
      accountChangesSchema,
      request.body ?? {},
      "the change",
    );
    const changes: Partial<AccountFacts> = {
      ...(role === undefined ? {} : { role }),
      ...(teams === undefined ? {} : { teams }),
      ...(agentId === undefined ? {} : { agentId }),
      ...(disabled === undefined ? {} : { isDisabled: disabled }),
    };
    response.json(shown(accounts.change(nameOf(response), idOf(request), changes)));
  });

  routes.post("/accounts/:id/password", ...write, async (request, response) => {
    const { password } = parseRequest(newPasswordSchema, request.body ?? {}, "the body");
    const { account, madeUp } = await accounts.renewPassword(nameOf(response), idOf(request), password);
    response.json({ ...shown(account), ...(madeUp === null ? {} : { password: madeUp }) });
  });

  routes.delete("/accounts/:id", ...write, (request, response) => {
    accounts.remove(nameOf(response), idOf(request));
    response.status(204).end();
  });

  routes.get("/teams", read, (_request, response) => {
    response.json({ items: accounts.listTeams() });
  });

  routes.put("/teams", ...write, (request, response) => {
    const { items } = parseRequest(teamsSchema, request.body ?? {}, "the list");
    const teams = items.map(({ id, name, agents }) => ({
      ...{ id: id ?? ulid(), name, agents: [...new Set(agents)] },
    }));
    accounts.replaceTeams(nameOf(response), teams);
    response.json({ items: accounts.listTeams() });
  });

  routes.post("/account/password", requireSameOrigin, express.json(), async (request, response) => {
    const { current, password } = parseRequest(ownPasswordSchema, request.body ?? {}, "the body");
    await changeOwnPassword({ accounts, authentication, sessions }, request, response, current, password);
    response.status(204).end();
  });
  return routes;
}

/**
 * Changes the password of whoever asks, and signs in anew in this browser alone.
 *
 * @throws HttpProblem 400, also for a wrong current password, and 409 for who has none; 429.
 */
export async function changeOwnPassword(
  { accounts, authentication, sessions }: AccountRoutes,
  request: Request,
  response: Response,
  current: string,
  password: string,
): Promise<void> {
  const { name, subject } = permitOf(response).identity;
  const own = accounts.list().find(({ id }) => subjectOf(id) === subject);
  if (own === undefined) throw new HttpProblem(409, `${name} is a token's scope, which has no password`);
  const account = await authentication
    .checkPassword(name, current, addressOf(request))
    .catch((cause: unknown) => {
      if (!(cause instanceof HttpProblem) || cause.status !== 401) throw cause;
      throw new WrongCurrentPassword({ cause });
    });
  await accounts.changePassword(account, password);
  sessions.begin(request, response, subject, "");
}

/** Not 401: whoever asks is signed in. */
class WrongCurrentPassword extends HttpProblem {
  constructor(options: ErrorOptions) {
    const message = "is not the account's password";
    super(400, `the current password ${message}`, { ...options, errors: [{ path: "/current", message }] });
  }
}

/** Why {@link changeOwnPassword} refused, for a page; null: for another reason. */
export function passwordRefusal(error: unknown): WeakPassword["fault"] | "wrong-current" | null {
  if (error instanceof WrongCurrentPassword) return "wrong-current";
  return error instanceof WeakPassword ? error.fault : null;
}

/** As admins see it. */
function shown({ isDisabled, madeAt, signedInAt, ...account }: Account) {
  return {
    ...account,
    disabled: isDisabled,
    madeAt: formatInstant(madeAt),
    signedInAt: signedInAt === null ? null : formatInstant(signedInAt),
  };
}

function nameOf(response: Response): string {
  return permitOf(response).identity.name;
}

function idOf(request: Request): string {
  return String(request.params["id"]);
}

function isUnique(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}
