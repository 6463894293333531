import { z } from "zod";

/** A call, as its OpenAPI description is made from: the schemas are those that parse and answer it. */
export interface Operation {
  method: "get" | "post" | "put" | "patch" | "delete";
  /** With its parameters in braces, e.g. `/v1/recordings/{id}`. */
  path: string;
  summary: string;
  /** Who may call it: names of security schemes, each of which is enough; empty: everybody. */
  access: readonly string[];
  query?: z.ZodType;
  body?: Content & { isOptional?: boolean };
  answer: { status: number; description: string } & Partial<Content>;
  /** Statuses with the same body. */
  alsoAnswers?: readonly number[];
  /** Statuses of the problems that it may answer, beside those that every call may. */
  problems?: readonly number[];
  /** Where it is served, if that is not the part's HTTP listener. */
  listener?: "ops";
}

/** What a body is; a string is a media type whose bytes no schema describes. */
type Content = { json: z.ZodType } | { type: string | readonly string[] } | object;

interface ApiFacts {
  title: string;
  description: string;
  /** Where it listens by default, and which key of the configuration says otherwise. */
  url: string;
  opsUrl: string;
  securitySchemes: Record<string, object>;
  operations: readonly Operation[];
}

/** Part of a document; it is data for others, and nothing here reads it. */
type Json = Record<string, unknown>;

const problemSchema = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
});

const PROBLEMS: Readonly<Record<number, string>> = {
  400: "What was sent is faulty; `errors` has every faulty field",
  401: "No key or session, or one that is unknown",
  403: "Known, and not allowed",
  404: "Not there, or not for whoever asks",
  406: "Not in the form that was asked for",
  409: "Not as things stand",
  410: "Erased",
  413: "The body is too large",
  415: "The body has another type",
  416: "The range is beyond the end",
  421: "The Host header names another machine; see `allowedHosts`",
  429: "Too many attempts; `Retry-After` says when",
  500: "An unexpected error, see the log",
  503: "Not now; asked again later it may do",
};

/** What every call may answer. */
const ALWAYS = [421, 500];

/** An OpenAPI 3.1 document of a part's HTTP calls. */
export function describeApi({
  title,
  description,
  url,
  opsUrl,
  securitySchemes,
  operations,
}: ApiFacts): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of operations) {
    const item = paths[operation.path] ?? {};
    item[operation.method] = describeOperation(operation, opsUrl);
    paths[operation.path] = item;
  }
  return {
    openapi: "3.1.1",
    info: { title, description, version: "1" },
    servers: [{ url }],
    paths,
    components: { schemas: { Problem: schemaOf(problemSchema, "output") }, securitySchemes },
  };
}

function describeOperation(operation: Operation, opsUrl: string): Json {
  const { summary, access, query, body, answer, alsoAnswers = [], problems = [], listener } = operation;
  const named = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: "path", required: true, schema: { type: "string" } },
  }));
  const parameters = [...named, ...(query === undefined ? [] : queryParameters(query))];
  const statuses = [
    ...(access.length > 0 ? [401, 403] : []),
    ...(query === undefined && body === undefined ? [] : [400]),
    ...(body === undefined ? [] : [413]),
    ...problems,
    ...ALWAYS,
  ];
  const answered = { description: answer.description, content: contentOf(answer, "output") };
  return {
    ...{ summary, security: access.map((name) => ({ [name]: [] })) },
    ...(listener === "ops" && { servers: [{ url: opsUrl }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required: body.isOptional !== true, content: contentOf(body, "input") } }),
    responses: {
      ...Object.fromEntries(statuses.map((status) => [status, describeProblem(status)])),
      ...Object.fromEntries([answer.status, ...alsoAnswers].map((status) => [status, answered])),
    },
  };
}

function describeProblem(status: number): Json {
  const schema = { $ref: "#/components/schemas/Problem" };
  return {
    description: PROBLEMS[status] ?? `Problem ${status}`,
    content: { "application/problem+json": { schema } },
  };
}

function contentOf(content: Content, side: "input" | "output"): Json {
  if ("json" in content) return { "application/json": { schema: schemaOf(content.json, side) } };
  if ("type" in content) return Object.fromEntries([content.type].flat().map((type) => [type, {}]));
  return {};
}

/** Each member of a query's schema is a parameter. */
function queryParameters(query: z.ZodType): Json[] {
  const { properties = {}, required = [] } = schemaOf(query, "input") as {
    properties?: Record<string, unknown>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", required: required.includes(name), schema },
  }));
}

/** Of a body as it is sent, or an answer as it is given. */
function schemaOf(schema: z.ZodType, side: "input" | "output"): Json {
  const { $schema: _dialect, ...made } = z.toJSONSchema(schema, { io: side, unrepresentable: "any" });
  return made;
}
