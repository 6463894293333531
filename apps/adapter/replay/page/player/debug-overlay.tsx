import { useEffect, useState } from "preact/hooks";
import { playerWords } from "../words/player-words.ts";
import type { PlayerModel } from "./player-model.ts";

const EVERY_MS = 500;

/** How well the screens keep with the sound, measured here and now. */
export function DebugOverlay({ model }: { model: PlayerModel }) {
  const words = playerWords();
  const [, again] = useState(0);
  const isOpen = model.isDebugOpen.value;
  useEffect(() => {
    if (!isOpen) return;
    const timer = setInterval(() => again((count) => count + 1), EVERY_MS);
    return () => clearInterval(timer);
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <div class="debug">
      <table>
        <caption>{words.debug}</caption>
        <thead>
          <tr>
            <th scope="col">{words.stage}</th>
            <th scope="col">{words.debugDrift}</th>
            <th scope="col">{words.debugP95}</th>
            <th scope="col">{words.debugDropped}</th>
            <th scope="col">{words.debugSeek}</th>
          </tr>
        </thead>
        <tbody>
          {model.screens.map(({ player, name }) => {
            const { driftMs, driftP95Ms, droppedFrames, frames, seekMs } = player.health;
            return (
              <tr key={player.screen.file} data-file={player.screen.file}>
                <th scope="row">
                  {name} · {player.screen.display}
                </th>
                <td data-drift={driftMs ?? ""}>{ms(driftMs)}</td>
                <td data-drift-p95={driftP95Ms ?? ""}>{ms(driftP95Ms)}</td>
                <td>
                  {droppedFrames} / {frames}
                </td>
                <td data-seek={seekMs ?? ""}>{ms(seekMs)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function ms(value: number | null): string {
  return value === null ? "–" : `${value.toFixed(0)} ms`;
}
