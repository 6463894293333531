import { ApiError, exportUrl, type Interaction, request, type Session } from "../api.ts";
import type { AuditItem, Note, ServerSide, Verification } from "./server-side.ts";

/** What the adapter knows of an interaction and does with it, over HTTP. */
export function openServerSide(
  { interactionId, flags }: Interaction,
  session: Session,
  signal: AbortSignal,
): ServerSide {
  const base = `/v1/interactions/${encodeURIComponent(interactionId)}`;
  const noteUrl = (noteId: string) => `${base}/notes/${encodeURIComponent(noteId)}`;
  const send = (method: string, url: string, body?: unknown) =>
    request<unknown>(url, {
      ...{ method, signal },
      ...(body !== undefined && {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      }),
    });
  return {
    exportUrl: exportUrl(interactionId),
    isHeld: flags.legalHold,
    may: {
      export: session.mayExport,
      hold: session.mayHold,
      readNotes: session.mayReadNotes,
      comment: session.mayComment,
      readTrail: session.mayReadTrail,
    },
    verify: (anew) => request<Verification>(`${base}/verification${anew ? "?anew=true" : ""}`, { signal }),
    async setHold(isHeld, reason) {
      await send(isHeld ? "PUT" : "DELETE", `${base}/legal-hold`, { reason });
    },
    audit: async () => (await request<{ items: AuditItem[] }>(`${base}/audit`, { signal })).items,
    notes: async () => (await request<{ items: Note[] }>(`${base}/notes`, { signal })).items,
    async addNote(note) {
      await send("POST", `${base}/notes`, note);
    },
    async changeNote(noteId, note) {
      await send("PATCH", noteUrl(noteId), note);
    },
    async deleteNote(noteId) {
      await send("DELETE", noteUrl(noteId)).catch((error: unknown) => {
        // Somebody else was sooner, and it is gone as was wanted.
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      });
    },
  };
}
