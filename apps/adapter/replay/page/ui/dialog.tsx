import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { partWords } from "../words/part-words.ts";

/**
 * Something over the page that is dealt with before anything else. The browser keeps the focus inside and closes it with
 * Escape; the focus then goes back to where it was.
 */
export function Dialog(props: {
  title: string;
  class?: string;
  onClose: () => void;
  onKeyDown?: (event: KeyboardEvent) => void;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // Only a dialog that is closed gives the focus back, one that is taken away does not.
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      class={props.class}
      aria-labelledby={id}
      onClose={props.onClose}
      onKeyDown={props.onKeyDown}
    >
      <h2 id={id}>{props.title}</h2>
      {props.children}
    </dialog>
  );
}

/** A dialog that does something when its form is sent; what is against it is said in it, and nothing typed is lost. */
export function FormDialog(props: {
  title: string;
  text: string;
  /** What the button does, in a word or two. */
  act: string;
  onAct: () => Promise<void>;
  onClose: () => void;
  /** Fields, if it has any. */
  children?: ComponentChildren;
}) {
  const words = partWords();
  const failure = useSignal("");
  const isActing = useSignal(false);
  const send = async (event: Event) => {
    event.preventDefault();
    if (isActing.value) return;
    isActing.value = true;
    try {
      await props.onAct();
      props.onClose();
    } catch (error) {
      failure.value = error instanceof Error ? error.message : String(error);
    } finally {
      isActing.value = false;
    }
  };
  return (
    <Dialog title={props.title} onClose={props.onClose}>
      <form onSubmit={(event) => void send(event)}>
        <p>{props.text}</p>
        {props.children}
        {failure.value !== "" && (
          <p class="dialog-failure" role="alert">
            {words.failed(failure.value)}
          </p>
        )}
        <div class="dialog-line">
          <button type="button" onClick={props.onClose}>
            {words.cancel}
          </button>
          <button type="submit" class="primary">
            {props.act}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
