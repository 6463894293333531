import { Icon } from "../ui/icon.tsx";
import { playerWords } from "../words/player-words.ts";
import type { ArtefactName } from "./artefacts.ts";
import { describeMediaError } from "./media-error.ts";
import type { PlayerModel } from "./player-model.ts";

/** What of the call cannot be had beside its screens, which say so in their own place; everything else plays on. */
export function Failures({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const picturesFault = model.picturesFault.value;
  const faults = [...model.artefacts.value.faults, ...(picturesFault === null ? [] : [picturesFault])];
  const without: Record<ArtefactName, (file: string, why: string) => string> = {
    "peaks.json": words.noWaveform,
    "thumbnails.json": words.noThumbnails,
    "pictures.json": words.noPictureTimes,
  };
  const code = model.audioError.value;
  const sheets = model.missingSheets.value;
  const failures = [
    ...faults.map(({ name, why }) => without[name](name, why)),
    ...(sheets.length === 0 ? [] : [words.noSheets(sheets.join(", "))]),
  ];
  if (failures.length === 0 && code === null) return null;
  return (
    <div class="failures" role="alert">
      {code !== null && (
        <p class="media-failure">
          <Icon name="warning" />
          {`${words.cannotPlay(model.interaction.audio?.file ?? "")}. ${describeMediaError(code)}`}
          <button type="button" class="small" onClick={() => model.retrySound()}>
            {words.tryAgain}
          </button>
        </p>
      )}
      {failures.map((text) => (
        <p key={text} class="media-failure">
          <Icon name="warning" />
          {text}
        </p>
      ))}
    </div>
  );
}
