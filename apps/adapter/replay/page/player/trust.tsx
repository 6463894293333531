import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { formatTimeOfDay } from "../format.ts";
import { Icon } from "../ui/icon.tsx";
import { trustWords } from "../words/trust-words.ts";
import type { PlayerModel } from "./player-model.ts";
import type { ServerSide, Verification } from "./server-side.ts";

/** Whether the interaction is what was archived, whether it is kept, and how to take it along. */
export function Trust({ model, server }: { model: PlayerModel; server: ServerSide }) {
  const words = trustWords();
  return (
    <div class="trust">
      <Verify model={model} server={server} />
      <Hold model={model} server={server} />
      {server.may.export && (
        <a class="button" href={server.exportUrl} download="" title={words.exportHint}>
          <Icon name="export" />
          {words.export}
        </a>
      )}
    </div>
  );
}

function Verify({ model, server }: { model: PlayerModel; server: ServerSide }) {
  const words = trustWords();
  const found = useSignal<Verification | null>(null);
  const isRunning = useSignal(false);
  const verify = async () => {
    isRunning.value = true;
    try {
      found.value = await server.verify(found.value !== null);
    } catch (error) {
      model.message.value = words.failed(error instanceof Error ? error.message : String(error));
    } finally {
      isRunning.value = false;
    }
  };
  const verification = found.value;
  const text =
    verification === null
      ? words.verify
      : verification.verdict === "verified"
        ? words.verified(formatTimeOfDay(Date.parse(verification.checkedAt)))
        : words.faulty(verification.faults.length);
  return (
    <div class="verify" aria-live="polite">
      <button
        type="button"
        class={verification?.verdict ?? ""}
        title={words.verifyHint}
        disabled={isRunning.value}
        onClick={() => void verify()}
      >
        <Icon name={verification?.verdict === "faulty" ? "warning" : "shield"} />
        {isRunning.value ? words.verifying : text}
      </button>
      {verification?.verdict === "faulty" && (
        <div class="faults">
          <strong>{words.faultsTitle}</strong>
          <ul>
            {verification.faults.map((fault) => (
              <li key={`${fault.place} ${fault.fault}`}>
                {fault.place} {fault.fault}
              </li>
            ))}
          </ul>
        </div>
      )}
    </div>
  );
}

function Hold({ model, server }: { model: PlayerModel; server: ServerSide }) {
  const words = trustWords();
  const isHeld = useSignal(server.isHeld);
  const isAsking = useSignal(false);
  const reason = useSignal("");
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isAsking.value) dialog.current?.showModal();
  }, [isAsking.value]);
  const text = isHeld.value ? words.held : words.hold;
  if (!server.may.hold) {
    if (!isHeld.value) return null;
    return (
      <span class="held" title={words.holdHint}>
        <Icon name="lock" />
        {text}
      </span>
    );
  }
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      await server.setHold(!isHeld.value, reason.value.trim());
      isHeld.value = !isHeld.value;
      reason.value = "";
      isAsking.value = false;
    } catch (error) {
      model.message.value = words.failed(error instanceof Error ? error.message : String(error));
      isAsking.value = false;
    }
  };
  return (
    <>
      <button
        type="button"
        class={isHeld.value ? "held" : ""}
        title={words.holdHint}
        onClick={() => (isAsking.value = true)}
      >
        <Icon name="lock" />
        {text}
      </button>
      {isAsking.value && (
        <dialog ref={dialog} aria-labelledby="hold-title" onClose={() => (isAsking.value = false)}>
          <form onSubmit={(event) => void save(event)}>
            <h2 id="hold-title">{isHeld.value ? words.releaseTitle : words.holdTitle}</h2>
            <p>{isHeld.value ? words.releaseExplained : words.holdExplained}</p>
            <label>
              {words.reason}
              <input
                required
                maxLength={1_024}
                value={reason.value}
                onInput={({ currentTarget }) => (reason.value = currentTarget.value)}
              />
            </label>
            <p class="quiet">{words.reasonNeeded}</p>
            <div class="dialog-line">
              <button type="button" onClick={() => (isAsking.value = false)}>
                {words.cancel}
              </button>
              <button type="submit" class="primary">
                {isHeld.value ? words.release : words.setHold}
              </button>
            </div>
          </form>
        </dialog>
      )}
    </>
  );
}
