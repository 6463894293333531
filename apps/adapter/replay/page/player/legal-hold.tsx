import { useSignal } from "@preact/signals";
import { FormDialog } from "../ui/dialog.tsx";
import { Icon } from "../ui/icon.tsx";
import { tip } from "../ui/tooltip.tsx";
import { trustWords } from "../words/trust-words.ts";
import type { ServerSide } from "./server-side.ts";

/** Whether the interaction is kept whatever the retention says; those who may can change it. */
export function LegalHold({ server }: { server: ServerSide }) {
  const words = trustWords();
  const isHeld = useSignal(server.isHeld);
  const isAsking = useSignal(false);
  const reason = useSignal("");
  const text = isHeld.value ? words.held : words.hold;
  if (!server.may.hold) {
    if (!isHeld.value) return null;
    return (
      <span class="held" {...tip(words.holdHint)}>
        <Icon name="lock" />
        {text}
      </span>
    );
  }
  const change = async () => {
    await server.setHold(!isHeld.value, reason.value.trim());
    isHeld.value = !isHeld.value;
    reason.value = "";
  };
  return (
    <>
      <button
        type="button"
        class={isHeld.value ? "held" : ""}
        {...tip(words.holdHint)}
        onClick={() => (isAsking.value = true)}
      >
        <Icon name="lock" />
        {text}
      </button>
      {isAsking.value && (
        <FormDialog
          title={isHeld.value ? words.releaseTitle : words.holdTitle}
          text={isHeld.value ? words.releaseExplained : words.holdExplained}
          act={isHeld.value ? words.release : words.setHold}
          onAct={change}
          onClose={() => (isAsking.value = false)}
        >
          <label>
            {words.reason}
            <input
              required
              autoFocus
              maxLength={1_024}
              value={reason.value}
              onInput={({ currentTarget }) => (reason.value = currentTarget.value)}
            />
          </label>
          <p class="quiet">{words.reasonNeeded}</p>
        </FormDialog>
      )}
    </>
  );
}
