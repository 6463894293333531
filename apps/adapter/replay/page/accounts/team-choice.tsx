import { accountsWords } from "../words/accounts-words.ts";
import type { Team } from "./accounts-api.ts";

/** Some of the teams, each a box to tick. */
export function TeamChoice(props: {
  label: string;
  teams: readonly Team[];
  chosen: readonly string[];
  onChoose: (ids: string[]) => void;
}) {
  const { label, teams, chosen, onChoose } = props;
  if (teams.length === 0) return <span class="quiet">{accountsWords().nobody}</span>;
  return (
    <fieldset class="team-choice">
      <legend class="visually-hidden">{label}</legend>
      {teams.map(({ id = "", name }) => (
        <label key={id}>
          <input
            type="checkbox"
            checked={chosen.includes(id)}
            onChange={(event) =>
              onChoose(event.currentTarget.checked ? [...chosen, id] : chosen.filter((other) => other !== id))
            }
          />
          {name}
        </label>
      ))}
    </fieldset>
  );
}
