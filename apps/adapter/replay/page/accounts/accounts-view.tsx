import { useSignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ErrorNote } from "../ui/note.tsx";
import { Toast } from "../ui/toast.tsx";
import { useFetched } from "../ui/use-fetched.ts";
import { accountsWords } from "../words/accounts-words.ts";
import { findWords } from "../words/find-words.ts";
import { AccountTable } from "./account-table.tsx";
import { fetchAccounts } from "./accounts-api.ts";
import { AddAccount } from "./add-account.tsx";
import { TeamEditor } from "./team-editor.tsx";

/** A password that was made up, to be handed over; shown once. */
export interface Handover {
  name: string;
  password: string;
}

/** Does what an admin asks for; what the server says against it is shown, or that it is done. */
export type Act = (what: () => Promise<unknown>, done?: string) => void;

/** Who may sign in, as what, and whose calls a supervisor sees. */
export function AccountsView() {
  const words = accountsWords();
  const fetched = useFetched("accounts", fetchAccounts);
  const [trouble, setTrouble] = useState("");
  const done = useSignal("");
  const [handover, setHandover] = useState<Handover | null>(null);
  useEffect(() => {
    document.title = `${words.title} · Deskreel`;
  }, [words]);
  const act: Act = (what, whenDone = "") => {
    what().then(
      () => {
        setTrouble("");
        done.value = whenDone;
        fetched.again();
      },
      (error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)),
    );
  };
  const { value, problem } = fetched;
  return (
    <main class="view ledger accounts">
      <h1 class="visually-hidden">{words.title}</h1>
      {value === null && problem !== "" ? (
        <ErrorNote
          title={words.loadFailed}
          detail={problem}
          again={findWords().tryAgain}
          onAgain={fetched.again}
        />
      ) : value === null ? (
        <p class="page-note" role="status">
          {findWords().loading}
        </p>
      ) : (
        <>
          {trouble !== "" && (
            <p class="trouble" role="alert">
              {trouble}
            </p>
          )}
          <Toast text={done} />
          {handover !== null && (
            <div class="handover" role="status">
              <span>{words.password(handover.name)}</span> <code>{handover.password}</code>{" "}
              <button type="button" onClick={() => setHandover(null)}>
                {words.done}
              </button>
            </div>
          )}
          <AccountTable
            accounts={value.accounts}
            teams={value.teams}
            act={act}
            onHandover={setHandover}
            onRemoved={fetched.again}
          />
          <AddAccount teams={value.teams} act={act} onHandover={setHandover} />
          <TeamEditor key={JSON.stringify(value.teams)} teams={value.teams} act={act} />
        </>
      )}
    </main>
  );
}
