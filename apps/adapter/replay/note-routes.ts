import { createHash } from "node:crypto";
import express, { type Request, type RequestHandler, type Response, Router } from "express";
import { ulid } from "ulid";
import { z } from "zod";
import { HttpProblem, parseRequest } from "#shared/http/problem.ts";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import type { AuditAction } from "../store/audit-entry.ts";
import type { Note } from "../store/note-store.ts";
import type { AdapterStores } from "../store/stores.ts";
import { permitOf, requireAction, requireSameOrigin, visibleInteraction } from "./access.ts";
import type { ReplayCatalogue } from "./ports.ts";

const TEXT_MAX = 4_000;
const TAG_MAX = 64;
const TAGS_MAX = 16;
const NOTES_MAX = 1_000;

const tagSchema = z
  .string("must be a text")
  .transform((tag) => tag.toWellFormed().trim())
  .pipe(z.string().min(1, "must not be empty").max(TAG_MAX, `must have at most ${TAG_MAX} characters`));
const noteSchema = z.strictObject({
  atMs: z.int("must be a whole number of ms").min(0, "must be 0 or more"),
  text: z
    .string("must be a text")
    .transform((text) => text.toWellFormed().trim())
    .pipe(z.string().max(TEXT_MAX, `must have at most ${TEXT_MAX} characters`)),
  tags: z
    .array(tagSchema)
    .max(TAGS_MAX, `must have at most ${TAGS_MAX} tags`)
    .transform((tags) => [...new Set(tags)]),
});
export const newNoteSchema = noteSchema.partial({ text: true, tags: true });
export const noteChangesSchema = noteSchema.partial();

export interface NoteRoutes {
  catalogue: Pick<ReplayCatalogue, "get">;
  stores: Pick<AdapterStores, "notes" | "audit" | "transaction">;
  clock: Clock;
}

/** Comments and tags on moments of an interaction; below `/v1`. */
export function routeNotes({ catalogue, stores, clock }: NoteRoutes): Router {
  const routes = Router();
  const all = "/interactions/:id/notes";
  const one = "/interactions/:id/notes/:noteId";
  const write: RequestHandler[] = [requireAction("comment"), requireSameOrigin, express.json()];

  /**
   * Does it and notes it, or neither. The audit log cannot be erased and a text may have to be, so it has the text's
   * hash: enough to prove or refute what somebody says that it was.
   */
  const keep = (response: Response, action: AuditAction, note: Note, write: () => void) => {
    stores.transaction(() => {
      write();
      stores.audit.note({
        ...{ at: clock.now(), who: permitOf(response).identity.name, action, sequence: null },
        interactionId: note.interactionId,
        detail: `comment ${note.id} at ${note.atMs} ms, sha256 ${hashOf(note)}`,
      });
    });
  };

  routes.get(all, requireAction("read-notes"), (request, response) => {
    const { interactionId } = shownManifest(catalogue, request, response);
    response.json({ items: stores.notes.listOf(interactionId).map((note) => shown(note, response)) });
  });

  routes.post(all, ...write, (request, response) => {
    const { interactionId, durationMs } = shownManifest(catalogue, request, response);
    const { atMs, text = "", tags = [] } = parseRequest(newNoteSchema, request.body ?? {}, "the comment");
    if (stores.notes.listOf(interactionId).length >= NOTES_MAX) {
      throw new HttpProblem(409, `the interaction has ${NOTES_MAX} comments, which is the most`);
    }
    const { subject: author, name: authorName } = permitOf(response).identity;
    const note: Note = {
      ...{ id: ulid(), interactionId, atMs, text, tags, author, authorName },
      ...{ madeAt: clock.now(), changedAt: null },
    };
    requireSense(note, durationMs);
    keep(response, "commented", note, () => stores.notes.put(note));
    response.status(201).json(shown(note, response));
  });

  routes.patch(one, ...write, (request, response) => {
    const { interactionId, durationMs } = shownManifest(catalogue, request, response);
    const before = ownNote(stores, request, response, interactionId);
    const { atMs, text, tags } = parseRequest(noteChangesSchema, request.body ?? {}, "the change");
    const note: Note = {
      ...before,
      ...{ atMs: atMs ?? before.atMs, text: text ?? before.text, tags: tags ?? before.tags },
      changedAt: clock.now(),
    };
    requireSense(note, durationMs);
    keep(response, "comment-changed", note, () => stores.notes.put(note));
    response.json(shown(note, response));
  });

  routes.delete(one, ...write, (request, response) => {
    const { interactionId } = shownManifest(catalogue, request, response);
    const note = ownNote(stores, request, response, interactionId);
    keep(response, "comment-removed", note, () => stores.notes.remove(note.id));
    response.status(204).end();
  });
  return routes;
}

function shownManifest(catalogue: NoteRoutes["catalogue"], request: Request, response: Response) {
  return visibleInteraction(catalogue, response, String(request.params["id"])).manifest;
}

/** @throws HttpProblem 404, 403 */
function ownNote(
  stores: NoteRoutes["stores"],
  request: Request,
  response: Response,
  interactionId: string,
): Note {
  const id = String(request.params["noteId"]);
  const note = stores.notes.get(interactionId, id);
  if (note === null) throw new HttpProblem(404, `comment ${JSON.stringify(id)} is unknown`);
  if (mayChange(note, response)) return note;
  throw new HttpProblem(403, `only ${note.authorName} or an admin may change this comment`);
}

function mayChange({ author }: Note, response: Response): boolean {
  const { identity, may } = permitOf(response);
  return may("tidy-notes") || (may("comment") && author === identity.subject);
}

function requireSense({ atMs, text, tags }: Note, durationMs: number): void {
  const errors = [
    ...(text === "" && tags.length === 0
      ? [{ path: "/text", message: "must not be empty where there are no tags" }]
      : []),
    ...(atMs > durationMs
      ? [{ path: "/atMs", message: `must be at most ${durationMs}, the interaction's length` }]
      : []),
  ];
  if (errors.length > 0) throw new HttpProblem(400, "the comment cannot be so", { errors });
}

function shown(note: Note, response: Response) {
  const { id, atMs, text, tags, authorName, madeAt, changedAt } = note;
  return {
    ...{ id, atMs, text, tags, author: authorName, madeAt: formatInstant(madeAt) },
    changedAt: changedAt === null ? null : formatInstant(changedAt),
    mayChange: mayChange(note, response),
  };
}

/** Of text and tags, as a JSON array of the text and the sorted tags. */
function hashOf({ text, tags }: Note): string {
  return createHash("sha256")
    .update(JSON.stringify([text, ...tags.toSorted()]))
    .digest("hex");
}
