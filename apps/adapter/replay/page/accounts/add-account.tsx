import { useState } from "preact/hooks";
import { accountsWords } from "../words/accounts-words.ts";
import { addAccount, type Role, type Team } from "./accounts-api.ts";
import type { Act, Handover } from "./accounts-view.tsx";
import { RoleChoice } from "./role-choice.tsx";
import { TeamChoice } from "./team-choice.tsx";

/** A form for one more account; its password is made up by the server and shown once. */
export function AddAccount(props: {
  teams: readonly Team[];
  act: Act;
  onHandover: (handover: Handover) => void;
}) {
  const words = accountsWords();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("supervisor");
  const [teams, setTeams] = useState<string[]>([]);
  const [agentId, setAgentId] = useState("");
  const add = async () => {
    const made = await addAccount({
      ...{ name, role },
      ...(role === "supervisor" ? { teams } : {}),
      ...(role === "agent" ? { agentId: agentId.trim() || name } : {}),
    });
    if (made.password !== undefined) props.onHandover({ name: made.name, password: made.password });
    setName("");
    setTeams([]);
    setAgentId("");
  };
  return (
    <form
      class="add-account"
      aria-label={words.add}
      onSubmit={(event) => {
        event.preventDefault();
        props.act(add);
      }}
    >
      <label>
        {words.name}
        <input
          type="text"
          required
          autoComplete="off"
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        {words.role}
        <RoleChoice chosen={role} onChoose={setRole} />
      </label>
      {role === "supervisor" && (
        <TeamChoice label={words.teams} teams={props.teams} chosen={teams} onChoose={setTeams} />
      )}
      {role === "agent" && (
        <label>
          {words.agentId}
          <input
            type="text"
            placeholder={name}
            value={agentId}
            onInput={(event) => setAgentId(event.currentTarget.value)}
          />
        </label>
      )}
      <button type="submit" class="primary">
        {words.addIt}
      </button>
    </form>
  );
}
