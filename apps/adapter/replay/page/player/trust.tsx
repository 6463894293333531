import { useSignal } from "@preact/signals";
import { formatTimeOfDay } from "../format.ts";
import { Icon } from "../ui/icon.tsx";
import { tip } from "../ui/tooltip.tsx";
import { partWords } from "../words/part-words.ts";
import { trustWords } from "../words/trust-words.ts";
import { LegalHold } from "./legal-hold.tsx";
import type { PlayerModel } from "./player-model.ts";
import type { ServerSide, Verification } from "./server-side.ts";

/** Whether the interaction is what was archived, whether it is kept, and how to take it along. */
export function Trust({ model, server }: { model: PlayerModel; server: ServerSide }) {
  const words = trustWords();
  return (
    <div class="trust">
      <Verify model={model} server={server} />
      <LegalHold server={server} />
      {server.may.export && (
        <a class="button" href={server.exportUrl} download="" {...tip(words.exportHint)}>
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
      model.message.value = partWords().failed(error instanceof Error ? error.message : String(error));
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
        {...tip(words.verifyHint)}
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
