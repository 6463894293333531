import { HttpProblem } from "#shared/http/problem.ts";
import { isStorageError } from "../call-buffer/database.ts";

/** What cannot be stored has not happened: 503. */
export async function whileStored<Result>(change: () => Promise<Result>): Promise<Result> {
  try {
    return await change();
  } catch (cause) {
    if (!isStorageError(cause)) throw cause;
    throw new HttpProblem(503, "this cannot be stored now, so nothing has changed; ask again later", {
      cause,
    });
  }
}
