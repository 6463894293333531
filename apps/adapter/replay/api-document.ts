import { z } from "zod";
import { describeApi, type Operation } from "#shared/http/openapi.ts";
import { recoveryRangeSchema } from "../recovery/recovery-routes.ts";
import { ANSWERS } from "./api-answers.ts";
import { auditQuerySchema, holdSchema } from "./custody-routes.ts";
import {
  accountChangesSchema,
  newAccountSchema,
  newPasswordSchema,
  ownPasswordSchema,
  teamsSchema,
} from "./identity/account-routes.ts";
import { facetQuerySchema, histogramQuerySchema, interactionQuerySchema } from "./interaction-query.ts";
import { ledgerQuerySchema } from "./ledger-routes.ts";
import { liveQuerySchema } from "./live-routes.ts";
import { newNoteSchema, noteChangesSchema } from "./note-routes.ts";
import { credentialsSchema } from "./sign-in.ts";
import { verificationQuerySchema } from "./trust-routes.ts";

/** A program's token or a person's session; what each role may do is in docs/REPLAY-API.md. */
const KNOWN = ["token", "session"];
const ops = { access: [], listener: "ops" } as const;
const one = "/v1/interactions/{id}";
const ok = (json: z.ZodType, description = "As asked for") => ({ status: 200, description, json });
const NOTHING = { status: 204, description: "Done" };
const get = (
  path: string,
  summary: string,
  more: Pick<Operation, "answer"> & Partial<Operation>,
): Operation => ({
  ...{ method: "get", path, summary, access: KNOWN, ...more },
});
const send = (
  method: Operation["method"],
  path: string,
  summary: string,
  more: Pick<Operation, "answer"> & Partial<Operation>,
): Operation => ({ ...{ method, path, summary, access: KNOWN, ...more } });

const PAGES = ["/", "/interactions/{id}", "/coverage", "/live", "/audit", "/accounts", "/password"].map(
  (path) =>
    get(
      path,
      "A page; with ?token= it exchanges a token for a session, and without one it is the sign-in page",
      {
        access: [],
        answer: { status: 200, description: "HTML", type: "text/html" },
      },
    ),
);
const ASSETS = ["/main.js", "/main.css", "/icon.svg", "/sign-in.js"].map((path) =>
  get(path, "A file of the page", { access: [], answer: { status: 200, description: "The file" } }),
);
const FORM = "application/x-www-form-urlencoded";

const OPERATIONS: readonly Operation[] = [
  ...PAGES,
  ...ASSETS,
  send("post", "/password", "The page's own form", {
    body: { type: FORM },
    answer: { status: 303, description: "Changed; 200 to 503 with the page again when it is not" },
    problems: [429],
  }),
  send("post", "/sign-in", "Begins a session; a form is answered with 303 or the sign-in page", {
    access: [],
    body: { json: credentialsSchema },
    answer: ok(ANSWERS.session, "Signed in, with the session's cookie"),
    problems: [401, 403, 429, 503],
  }),
  send("post", "/sign-out", "Ends the session; a form is answered with 303", {
    access: [],
    answer: NOTHING,
    problems: [403],
  }),
  get("/session", "Who asks, and what they may do", { answer: ok(ANSWERS.session) }),
  send("post", "/simulator/calls", "Has a simulated Dynamics place a call, where there is one", {
    answer: { status: 202, description: "The interaction that it will become", json: ANSWERS.placed },
    problems: [404, 503],
  }),
  get("/v1/signing-key", "The public half of the key that signs exports", {
    answer: { status: 200, description: "PEM", type: "application/x-pem-file" },
  }),
  get("/v1/interactions", "Finds interactions; limit is 1 to 200", {
    query: interactionQuerySchema,
    answer: ok(ANSWERS.interactions, "A page of them"),
  }),
  get("/v1/interactions/histogram", "Counts interactions over time, with the same filters", {
    query: histogramQuerySchema,
    answer: ok(ANSWERS.histogram),
  }),
  get("/v1/facets", "Values that there are to find by, 50 at most", {
    query: facetQuerySchema,
    answer: ok(ANSWERS.facets),
  }),
  get(one, "The newest version's manifest, and whether it is held", {
    answer: ok(ANSWERS.interaction),
    problems: [404],
  }),
  get(`${one}/files/{name}`, "A file of it (with Range and ETag)", {
    answer: { status: 200, description: "The file", type: "*/*" },
    problems: [404, 416],
  }),
  get(`${one}/export`, "All of it as a zip, with a viewer and how to verify it", {
    answer: { status: 200, description: "The zip", type: "application/zip" },
    problems: [404],
  }),
  send("put", `${one}/legal-hold`, "Holds it: nothing deletes it", {
    body: { json: holdSchema, isOptional: true },
    answer: ok(ANSWERS.hold),
    problems: [404],
  }),
  send("delete", `${one}/legal-hold`, "Releases it", {
    body: { json: holdSchema, isOptional: true },
    answer: ok(ANSWERS.hold),
    problems: [404],
  }),
  get(`${one}/verification`, "Whether all of it is as it was archived", {
    query: verificationQuerySchema,
    answer: ok(ANSWERS.verification),
    problems: [404, 503],
  }),
  get(`${one}/audit`, "Who did what to it, 500 entries at most", {
    answer: ok(ANSWERS.trail),
    problems: [404],
  }),
  get(`${one}/notes`, "Comments and tags on its moments", { answer: ok(ANSWERS.notes), problems: [404] }),
  send("post", `${one}/notes`, "Makes a comment", {
    body: { json: newNoteSchema },
    answer: { status: 201, description: "The comment", json: ANSWERS.note },
    problems: [404, 409],
  }),
  send("patch", `${one}/notes/{noteId}`, "Changes a comment", {
    body: { json: noteChangesSchema },
    answer: ok(ANSWERS.note),
    problems: [404],
  }),
  send("delete", `${one}/notes/{noteId}`, "Removes a comment", { answer: NOTHING, problems: [404] }),
  get("/v1/coverage", "What was not recorded, and why, of any time; limit is 1 to 500", {
    query: ledgerQuerySchema,
    answer: ok(ANSWERS.ledger),
  }),
  get("/v1/live", "Who is recorded now", { query: liveQuerySchema, answer: ok(ANSWERS.live) }),
  get("/v1/audit", "The audit log, newest first, and whether it is whole; limit is 1 to 1000", {
    query: auditQuerySchema,
    answer: ok(ANSWERS.audit),
  }),
  get("/v1/accounts", "All accounts", { answer: ok(ANSWERS.accounts) }),
  send("post", "/v1/accounts", "Makes an account", {
    body: { json: newAccountSchema },
    answer: { status: 201, description: "It, and its password if that was made up", json: ANSWERS.account },
    problems: [409, 503],
  }),
  send("patch", "/v1/accounts/{id}", "Changes an account; its sessions are over", {
    body: { json: accountChangesSchema },
    answer: ok(ANSWERS.account),
    problems: [404, 409],
  }),
  send("delete", "/v1/accounts/{id}", "Removes an account", { answer: NOTHING, problems: [404, 409] }),
  send("post", "/v1/accounts/{id}/password", "Gives an account a new password", {
    body: { json: newPasswordSchema, isOptional: true },
    answer: ok(ANSWERS.account),
    problems: [404, 503],
  }),
  send("post", "/v1/account/password", "Changes one's own password", {
    body: { json: ownPasswordSchema },
    answer: NOTHING,
    problems: [409, 429, 503],
  }),
  get("/v1/teams", "All teams", { answer: ok(ANSWERS.teams) }),
  send("put", "/v1/teams", "All teams anew", { body: { json: teamsSchema }, answer: ok(ANSWERS.teams) }),
  get("/v1/recovery", "What recovery runs, and what the last came to", {
    answer: ok(ANSWERS.recovery),
    problems: [409],
  }),
  send("post", "/v1/recovery", "Looks for what is missing of a time's calls", {
    body: { json: recoveryRangeSchema },
    answer: { status: 202, description: "It runs", json: ANSWERS.recovery },
    problems: [409],
  }),
  get("/healthz", "The adapter runs", { ...ops, answer: ok(ANSWERS.alive) }),
  get("/readyz", "Replay works; what else does not is named", { ...ops, answer: ok(ANSWERS.ready) }),
  get("/metrics", "Figures for Prometheus", {
    ...ops,
    answer: { status: 200, description: "Prometheus' text format", type: "text/plain" },
  }),
  get("/openapi.json", "This document", { ...ops, answer: ok(z.looseObject({}), "OpenAPI 3.1") }),
];

/** The adapter's HTTP calls as OpenAPI 3.1. */
export function adapterApi() {
  return describeApi({
    title: "Deskreel adapter",
    description: "Replay: docs/REPLAY-API.md says who may call what, and what it means.",
    url: "http://127.0.0.1:7500",
    opsUrl: "http://127.0.0.1:7501",
    securitySchemes: {
      token: { type: "http", scheme: "bearer", description: "`viewer` or `admin` of adapter.tokensFile" },
      session: {
        type: "apiKey",
        in: "cookie",
        name: "deskreel_session",
        description: "As POST /sign-in gives it",
      },
    },
    operations: OPERATIONS,
  });
}
