import { render } from "preact";
import { fetchSession } from "./api.ts";
import "./main.css";
import { readFilters } from "./find/filters.ts";
import { FindState } from "./find/find-state.ts";
import { address, followAddress, placeOf } from "./router.ts";
import { App } from "./shell/app.tsx";
import { startTheme } from "./shell/theme.ts";
import { ErrorNote } from "./ui/note.tsx";
import { startLanguage } from "./words/language.ts";
import { shellWords } from "./words/shell-words.ts";

startTheme();
startLanguage();
followAddress();
const find = new FindState();
// The list is on its way before it is known who asks: the server knows.
if (placeOf(address.value.path).view === "list") find.show(readFilters(address.value.search));
fetchSession(new AbortController().signal).then(
  (session) => render(<App session={session} find={find} />, document.body),
  (error: unknown) => render(<Unreachable detail={String(error)} />, document.body),
);

function Unreachable({ detail }: { detail: string }) {
  const words = shellWords();
  return (
    <main class="view">
      <ErrorNote
        title={words.unreachable}
        detail={detail}
        again={words.tryAgain}
        onAgain={() => location.reload()}
      />
    </main>
  );
}
