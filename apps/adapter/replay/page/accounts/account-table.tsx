import { useState } from "preact/hooks";
import { FormDialog } from "../ui/dialog.tsx";
import { Table } from "../ui/table.tsx";
import { accountsWords } from "../words/accounts-words.ts";
import { exactMoment } from "../words/local-format.ts";
import { type Account, changeAccount, removeAccount, renewPassword, type Team } from "./accounts-api.ts";
import type { Act, Handover } from "./accounts-view.tsx";
import { RoleChoice } from "./role-choice.tsx";
import { TeamChoice } from "./team-choice.tsx";

interface TableProps {
  accounts: readonly Account[];
  teams: readonly Team[];
  act: Act;
  onHandover: (handover: Handover) => void;
  onRemoved: () => void;
}

const COLUMNS = ["name", "role", "scope", "signedIn", "actions"] as const;

export function AccountTable({ accounts, ...rest }: TableProps) {
  const words = accountsWords();
  if (accounts.length === 0) return <p class="page-note">{words.none}</p>;
  return (
    <Table {...{ label: words.title, name: "account", columns: COLUMNS, heads: words.columns }}>
      {accounts.map((account) => (
        <Row key={account.id} account={account} {...rest} />
      ))}
    </Table>
  );
}

function Row({
  account,
  teams,
  act,
  onHandover,
  onRemoved,
}: Omit<TableProps, "accounts"> & { account: Account }) {
  const words = accountsWords();
  const { id, name, role, disabled } = account;
  const renew = async () => {
    const { password } = await renewPassword(id);
    if (password !== undefined) onHandover({ name, password });
  };
  const [isAsking, setAsking] = useState(false);
  return (
    <tr class={disabled ? "disabled" : undefined}>
      <td>
        {name}
        {disabled && <span class="second">{words.disabled}</span>}
        {account.mustChangePassword && !disabled && <span class="second">{words.mustChange}</span>}
      </td>
      <td>
        <RoleChoice
          label={words.roleOf(name)}
          chosen={role}
          onChoose={(chosen) =>
            // An agent is somebody in particular; most accounts are named as Dynamics names the person.
            act(() =>
              changeAccount(id, {
                role: chosen,
                ...(chosen === "agent" && account.agentId === null ? { agentId: name } : {}),
              }),
            )
          }
        />
      </td>
      <td>
        {role === "supervisor" ? (
          <TeamChoice
            label={words.teamsOf(name)}
            teams={teams}
            chosen={account.teams}
            onChoose={(chosen) => act(() => changeAccount(id, { teams: chosen }))}
          />
        ) : role === "agent" ? (
          (account.agentId ?? words.nobody)
        ) : (
          words.everybody
        )}
      </td>
      <td>{account.signedInAt === null ? words.never : exactMoment(Date.parse(account.signedInAt))}</td>
      <td class="account-actions">
        <button type="button" aria-label={words.newPasswordOf(name)} onClick={() => act(renew)}>
          {words.newPassword}
        </button>
        <button
          type="button"
          aria-label={disabled ? words.enableOf(name) : words.disableOf(name)}
          onClick={() => act(() => changeAccount(id, { disabled: !disabled }))}
        >
          {disabled ? words.enable : words.disable}
        </button>
        <button type="button" aria-label={words.removeOf(name)} onClick={() => setAsking(true)}>
          {words.remove}
        </button>
        {isAsking && (
          <FormDialog
            title={words.removeSure(name)}
            text={words.removeExplained}
            act={words.remove}
            onAct={async () => {
              await removeAccount(id);
              onRemoved();
            }}
            onClose={() => setAsking(false)}
          />
        )}
      </td>
    </tr>
  );
}
