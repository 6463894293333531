import { SelectRoom } from "../ui/select.tsx";
import { accountsWords } from "../words/accounts-words.ts";
import { type Role, ROLES } from "./accounts-api.ts";

/** @param props.label - absent where the choice stands in a label. */
export function RoleChoice(props: { label?: string; chosen: Role; onChoose: (role: Role) => void }) {
  const words = accountsWords();
  return (
    <SelectRoom>
      <select
        aria-label={props.label}
        value={props.chosen}
        onChange={(event) => {
          const role = ROLES.find((one) => one === event.currentTarget.value);
          if (role !== undefined) props.onChoose(role);
        }}
      >
        {ROLES.map((role) => (
          <option key={role} value={role} selected={role === props.chosen}>
            {words.roles[role]}
          </option>
        ))}
      </select>
    </SelectRoom>
  );
}
