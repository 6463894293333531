import { z } from "zod";
import type { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import type { FoundRow } from "./registered-row.ts";

/** asyncoperation.statuscode of a job that failed for good. */
const FAILED = 31;
const SHOWN = 5;

/** A post that Dataverse gave up. */
interface FailedPost {
  /** RFC 3339, as Dataverse says it. */
  at: string;
  step: string;
  message: string;
}

export interface FailedPosts {
  /** How many there are; `isMore`: at least. */
  count: number;
  isMore: boolean;
  newest: readonly FailedPost[];
}

const jobSchema = z.object({
  _owningextensionid_value: z.string().nullable(),
  completedon: z.string().nullable(),
  createdon: z.string(),
  message: z.string().nullable(),
  friendlymessage: z.string().nullable(),
});

/** Reads which posts of these steps failed (Microsoft, "Register a WebHook": query failed asynchronous jobs). */
export async function readFailedPosts(
  client: DataverseClient,
  steps: readonly FoundRow[],
  signal: AbortSignal,
): Promise<FailedPosts> {
  if (steps.length === 0) return { count: 0, isMore: false, newest: [] };
  const names = new Map(steps.map(({ id, name }) => [id, name]));
  const ofSteps = steps.map(({ id }) => `_owningextensionid_value eq ${id}`).join(" or ");
  const path =
    "asyncoperations?$select=asyncoperationid,_owningextensionid_value,completedon,createdon,message,friendlymessage" +
    `&$filter=${encodeURIComponent(`statuscode eq ${FAILED} and (${ofSteps})`)}&$orderby=completedon%20desc`;
  const pages = client.readPages(path, jobSchema, signal);
  // The first page is enough: what is told is that they fail, why, and whether it still goes on.
  const first = await pages.next();
  const jobs = first.done === true ? [] : first.value;
  const isMore = (await pages.next()).done !== true;
  const newest = jobs.slice(0, SHOWN).map((job) => ({
    at: job.completedon ?? job.createdon,
    step: names.get(job._owningextensionid_value?.toLowerCase() ?? "") ?? "?",
    message: (job.message ?? job.friendlymessage ?? "(no message)")
      .replaceAll(/\s+/g, " ")
      .trim()
      .slice(0, 300),
  }));
  return { count: jobs.length, isMore, newest };
}
