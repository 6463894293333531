import type { ComponentChildren } from "preact";

/** What stands in place of content that is not there: a heading, why, and what to do. */
export function Note({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="page-note">
      <h1>{title}</h1>
      {children}
    </div>
  );
}

/** Something went wrong: said aloud, with a way to try again. */
export function ErrorNote(props: { title: string; detail: string; again: string; onAgain: () => void }) {
  return (
    <div class="page-note" role="alert">
      <h1>{props.title}</h1>
      <p>{props.detail}</p>
      <button type="button" onClick={props.onAgain}>
        {props.again}
      </button>
    </div>
  );
}
