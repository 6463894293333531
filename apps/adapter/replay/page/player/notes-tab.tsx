import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatPosition } from "../format.ts";
import { FormDialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { partWords } from "../words/part-words.ts";
import { trustWords } from "../words/trust-words.ts";
import { parseTags } from "./note-tags.ts";
import type { PlayerModel } from "./player-model.ts";
import type { Note, ServerSide } from "./server-side.ts";

/** Remarks at moments of the interaction. */
export function NotesTab(props: { model: PlayerModel; server: ServerSide; isShown: boolean }) {
  const { model, server, isShown } = props;
  const words = trustWords();
  const notes = useSignal<readonly Note[]>([]);
  const edited = useSignal<string | null>(null);
  const deleted = useSignal<Note | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const failure = useSignal("");

  const load = async () => {
    notes.value = (await server.notes()).toSorted((left, right) => left.atMs - right.atMs);
    model.noteMoments.value = notes.value.map(({ id, atMs, text }) => ({ id, atMs, text }));
  };
  /** Tells whether it was done: what somebody has written is not thrown away when it was not. */
  const act = async (change: () => Promise<void>): Promise<boolean> => {
    try {
      await change();
      await load();
      failure.value = "";
      return true;
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
      return false;
    }
  };
  const isLoaded = useRef(false);
  // At first for the timeline; then whenever they are looked at, for others write too.
  useEffect(() => {
    if (isShown || !isLoaded.current) void act(() => Promise.resolve());
    isLoaded.current = true;
  }, [server, isShown]);

  return (
    <>
      {failure.value !== "" && (
        <p class="panel-failure" role="alert">
          {partWords().failed(failure.value)}
        </p>
      )}
      <ol class="notes" ref={list} tabIndex={-1}>
        {notes.value.map((note) => (
          <li key={note.id} class="note">
            {edited.value === note.id ? (
              <NoteForm
                note={note}
                atMs={note.atMs}
                onCancel={() => (edited.value = null)}
                onSave={async (text, tags) => {
                  const isDone = await act(() => server.changeNote(note.id, { text, tags }));
                  if (isDone) edited.value = null;
                  return isDone;
                }}
              />
            ) : (
              <ShownNote
                note={note}
                onGo={() => model.seek(note.atMs)}
                onEdit={() => (edited.value = note.id)}
                onDelete={() => (deleted.value = note)}
              />
            )}
          </li>
        ))}
      </ol>
      {deleted.value !== null && (
        <DeleteDialog
          note={deleted.value}
          onDelete={async (note) => {
            await server.deleteNote(note.id);
            await load();
          }}
          onClose={() => {
            deleted.value = null;
            // The button that asked has gone with its note.
            requestAnimationFrame(() => {
              if (document.activeElement === document.body) list.current?.focus();
            });
          }}
        />
      )}
      {notes.value.length === 0 && failure.value === "" && <p class="panel-note">{words.noNotes}</p>}
      {server.may.comment && <NewNote model={model} onSave={(note) => act(() => server.addNote(note))} />}
    </>
  );
}

function DeleteDialog(props: { note: Note; onDelete: (note: Note) => Promise<void>; onClose: () => void }) {
  const words = trustWords();
  const { note } = props;
  return (
    <FormDialog
      title={words.deleteTitle}
      text={words.deleteExplained}
      act={words.deleteIt}
      onAct={() => props.onDelete(note)}
      onClose={props.onClose}
    >
      <p class="quiet deleted-note">{`${formatPosition(note.atMs)} ${note.text}`}</p>
    </FormDialog>
  );
}

/** The form for the next note; its moment is the one at which writing began. */
function NewNote(props: {
  model: PlayerModel;
  onSave: (note: { atMs: number; text: string; tags: readonly string[] }) => Promise<boolean>;
}) {
  const { model } = props;
  const beganAt = useSignal<number | null>(null);
  const second = Math.floor((beganAt.value ?? model.positionMs.value) / 1_000) * 1_000;
  return (
    <NoteForm
      atMs={beganAt.value ?? second}
      onBegin={() => (beganAt.value ??= Math.round(model.positionMs.value))}
      onSave={async (text, tags) => {
        const isDone = await props.onSave({ atMs: beganAt.value ?? second, text, tags });
        if (isDone) beganAt.value = null;
        return isDone;
      }}
    />
  );
}

function ShownNote(props: { note: Note; onGo: () => void; onEdit: () => void; onDelete: () => void }) {
  const words = trustWords();
  const { atMs, text, tags, author, mayChange } = props.note;
  const at = formatPosition(atMs);
  return (
    <>
      <div class="note-line">
        <button type="button" class="note-go" aria-label={words.goTo(at)} onClick={props.onGo}>
          {at}
        </button>
        <span class="quiet">{author}</span>
        <span class="spacer" />
        {mayChange && (
          <>
            <button type="button" class="plain tool" aria-label={words.editNote(at)} onClick={props.onEdit}>
              <Icon name="edit" />
            </button>
            <button
              type="button"
              class="plain tool"
              aria-label={words.deleteNote(at)}
              onClick={props.onDelete}
            >
              <Icon name="not-recorded" />
            </button>
          </>
        )}
      </div>
      <p class="note-text">{text}</p>
      {tags.length > 0 && (
        <ul class="tags">
          {tags.map((tag) => (
            <li key={tag}>{tag}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function NoteForm(props: {
  atMs: number;
  note?: Note;
  onBegin?: () => void;
  onCancel?: () => void;
  onSave: (text: string, tags: readonly string[]) => Promise<boolean>;
}) {
  const words = trustWords();
  const text = useSignal(props.note?.text ?? "");
  const tags = useSignal(props.note?.tags.join(", ") ?? "");
  const title = words.noteAt(formatPosition(props.atMs));
  const save = async (event: Event) => {
    event.preventDefault();
    if (text.value.trim() === "" && tags.value.trim() === "") return;
    if (!(await props.onSave(text.value.trim(), parseTags(tags.value)))) return;
    text.value = "";
    tags.value = "";
  };
  return (
    <form class="note-form" aria-label={title} onSubmit={(event) => void save(event)}>
      <span class="note-form-title">{title}</span>
      <textarea
        aria-label={words.noteText}
        placeholder={words.noteText}
        rows={2}
        maxLength={4_000}
        value={text.value}
        onInput={({ currentTarget }) => {
          props.onBegin?.();
          text.value = currentTarget.value;
        }}
      />
      <input
        aria-label={words.tags}
        placeholder={words.tags}
        value={tags.value}
        onInput={({ currentTarget }) => {
          props.onBegin?.();
          tags.value = currentTarget.value;
        }}
      />
      <div class="note-line">
        {props.onCancel !== undefined && (
          <button type="button" onClick={props.onCancel}>
            {partWords().cancel}
          </button>
        )}
        <button type="submit" class="primary">
          {props.note === undefined ? words.addNote : words.saveNote}
        </button>
      </div>
    </form>
  );
}
