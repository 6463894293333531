import type { z } from "zod";

/** One fault of an input: where it is (JSON Pointer, RFC 6901) and what is wrong with it. */
export interface FieldProblem {
  path: string;
  message: string;
}

/** Every fault that zod found, one entry per field; each unknown key is named by itself. */
export function fieldProblems(error: z.ZodError): FieldProblem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({ path: jsonPointer([...issue.path, key]), message: "unknown field" }));
    }
    return [{ path: jsonPointer(issue.path), message: issue.message }];
  });
}

/** RFC 6901: `["a/b", 0]` → `/a~1b/0`. */
export function jsonPointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
