import { useState } from "preact/hooks";
import { accountsWords } from "../words/accounts-words.ts";
import { saveTeams, type Team } from "./accounts-api.ts";
import type { Act } from "./accounts-view.tsx";

/** A team as it is edited. */
interface Draft {
  id: string | null;
  name: string;
  /** One a line. */
  agents: string;
}

/** All teams, changed together; nothing counts before it is saved. */
export function TeamEditor({ teams, act }: { teams: readonly Team[]; act: Act }) {
  const words = accountsWords();
  const [drafts, setDrafts] = useState<Draft[]>(() =>
    teams.map(({ id = null, name, agents }) => ({ id, name, agents: agents.join("\n") })),
  );
  const change = (index: number, changes: Partial<Draft>) => {
    setDrafts(drafts.map((draft, at) => (at === index ? { ...draft, ...changes } : draft)));
  };
  const save = async () => {
    const items = drafts.map(({ id, name, agents }) => ({
      ...(id === null ? {} : { id }),
      ...{ name, agents: agents.split(/[\s,;]+/).filter((agent) => agent !== "") },
    }));
    await saveTeams(items);
  };
  return (
    <section class="teams" aria-label={words.teams}>
      <h2>{words.teams}</h2>
      <p class="quiet">{words.teamsHint}</p>
      {drafts.map((draft, index) => (
        <div class="team" key={draft.id ?? index}>
          <input
            type="text"
            aria-label={words.nameOfTeam(draft.name || words.newTeam)}
            placeholder={words.teamName}
            value={draft.name}
            onInput={(event) => change(index, { name: event.currentTarget.value })}
          />
          <textarea
            aria-label={words.agentsOf(draft.name || words.newTeam)}
            placeholder={words.agents}
            rows={3}
            value={draft.agents}
            onInput={(event) => change(index, { agents: event.currentTarget.value })}
          />
          <button
            type="button"
            aria-label={words.removeTeam(draft.name || words.newTeam)}
            onClick={() => setDrafts(drafts.filter((_, at) => at !== index))}
          >
            {words.remove}
          </button>
        </div>
      ))}
      <div class="team-actions">
        <button type="button" onClick={() => setDrafts([...drafts, { id: null, name: "", agents: "" }])}>
          {words.addTeam}
        </button>
        <button type="button" onClick={() => act(save, words.teamsSaved)}>
          {words.saveTeams}
        </button>
      </div>
    </section>
  );
}
