import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Express } from "express";

/** What the tests look at of a document. */
export interface ApiDocument {
  openapi: string;
  paths: Record<string, Record<string, { responses: Record<string, Answer | undefined> } | undefined>>;
  components: { schemas: Record<string, object> };
}

interface Answer {
  content: Record<string, { schema?: object } | undefined>;
}

/** What express keeps of a route or a router; it has no public way to list them. */
interface Layer {
  route?: { path: string | string[]; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
  /** Where it is mounted, as it was told. */
  rawPath: string;
}

/** Every route that an app has, e.g. `get /v1/recordings/{id}`. */
export function routesOf(app: Express): string[] {
  return collect((app.router as unknown as { stack: Layer[] }).stack, "").toSorted();
}

function collect(stack: readonly Layer[], prefix: string): string[] {
  return stack.flatMap((layer) => {
    if (layer.route !== undefined) {
      const { path, methods } = layer.route;
      const paths = [path].flat().map((each) => `${prefix}${each}`.replace(/:(\w+)/g, "{$1}"));
      return paths.flatMap((each) => Object.keys(methods).map((method) => `${method} ${each}`));
    }
    if (layer.handle?.stack === undefined) return [];
    return collect(layer.handle.stack, layer.rawPath === "/" ? prefix : prefix + layer.rawPath);
  });
}

/** Every call that a document describes, in the same words. */
export function callsOf({ paths }: ApiDocument): string[] {
  return Object.entries(paths)
    .flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`))
    .toSorted();
}

/** What an independent validator finds wrong with a document; empty: nothing. */
export async function faultsIn(document: object): Promise<string> {
  // It writes into what it is given.
  const { valid, errors } = await new Validator().validate(
    structuredClone(document) as Record<string, unknown>,
  );
  return valid ? "" : JSON.stringify(errors);
}

/** What is wrong with an answer, by the document; empty: nothing. */
export function faultsOfAnswer(
  document: ApiDocument,
  call: { method: string; path: string; status: number; type?: string },
  body: unknown,
): string {
  const { method, path, status, type = "application/json" } = call;
  const schema = document.paths[path]?.[method]?.responses[status]?.content[type]?.schema;
  if (schema === undefined) return `${method} ${path} has no schema of ${type} for ${status}`;
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  // Where `$ref` finds what it names.
  const validate = ajv.compile({ ...schema, components: document.components });
  return validate(body) ? "" : ajv.errorsText(validate.errors);
}
