import { useEffect } from "preact/hooks";
import { formatPosition } from "../format.ts";
import { Note } from "../ui/note.tsx";
import { findWords } from "../words/find-words.ts";
import { liveWords } from "../words/live-words.ts";
import { LiveMachines } from "./live-machines.tsx";
import type { ShownRow } from "./live-rows.ts";
import { LiveTable } from "./live-table.tsx";
import { useLive } from "./watch-live.ts";

/** Who is recorded now. There is no live picture, and there is to be none: docs/REPLAY.md says why. */
export function LiveView() {
  const words = liveWords();
  const { answer, rows, problem, ageMs } = useLive();
  useEffect(() => {
    document.title = `${words.title} · Deskreel`;
  }, [words]);
  return (
    <main class="view live">
      <h1 class="visually-hidden">{words.title}</h1>
      {answer === null ? (
        problem === "" ? (
          <p class="page-note" role="status">
            {findWords().loading}
          </p>
        ) : (
          <div class="page-note" role="alert">
            <h2>{words.failed}</h2>
            <p>{problem}</p>
          </div>
        )
      ) : (
        <>
          <div class="live-summary">
            <strong role="status">{words.count(going(rows).length)}</strong>
            <span class="quiet">{words.lead}</span>
          </div>
          {ageMs !== null && (
            <p class="live-age" role="alert">
              {words.stale(formatPosition(ageMs), problem)}
            </p>
          )}
          <div class={ageMs === null ? "live-body" : "live-body stale"}>
            {rows.length === 0 ? (
              <Note title={words.none}>
                <p>{words.noneHint}</p>
              </Note>
            ) : (
              <LiveTable rows={rows} now={Date.parse(answer.at)} />
            )}
            <LiveMachines answer={answer} />
          </div>
        </>
      )}
    </main>
  );
}

function going(rows: readonly ShownRow[]): ShownRow[] {
  return rows.filter(({ endedAt }) => endedAt === null);
}
