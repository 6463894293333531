import { useEffect } from "preact/hooks";
import { type AuditItem, type AuditPage, fetchAudit } from "../api.ts";
import { pathOf } from "../router.ts";
import { Icon } from "../ui/icon.tsx";
import { ErrorNote, Note } from "../ui/note.tsx";
import { MorePages, usePages } from "../ui/pages.tsx";
import { Table } from "../ui/table.tsx";
import { useFetched } from "../ui/use-fetched.ts";
import { auditWords } from "../words/audit-words.ts";
import { findWords } from "../words/find-words.ts";
import { exactMoment, formatCount } from "../words/local-format.ts";

/** What was done to and with interactions, by whom, and whether the log of it is whole. */
export function AuditView() {
  const words = auditWords();
  const audit = useFetched("audit", (signal) => fetchAudit(null, signal));
  useEffect(() => {
    document.title = `${words.title} · Deskreel`;
  }, [words]);
  const { value, problem } = audit;
  return (
    <main class="view ledger">
      <h1 class="visually-hidden">{words.title}</h1>
      {problem !== "" ? (
        <ErrorNote title={words.failed} detail={problem} again={findWords().tryAgain} onAgain={audit.again} />
      ) : value === null ? (
        <p class="page-note" role="status">
          {findWords().loading}
        </p>
      ) : (
        <>
          <Chain chain={value.chain} />
          <Entries first={value} />
        </>
      )}
    </main>
  );
}

const COLUMNS = ["at", "who", "action", "interaction", "detail"] as const;

function Entries({ first }: { first: AuditPage }) {
  const words = auditWords();
  const pages = usePages(first, fetchAudit);
  if (pages.items.length === 0) return <Note title={words.none} />;
  return (
    <Table
      {...{ label: words.title, name: "audit", columns: COLUMNS, heads: words.columns }}
      below={<MorePages pages={pages} text={words.more} />}
    >
      {pages.items.map((item) => (
        <Entry key={item.number} item={item} />
      ))}
    </Table>
  );
}

/** Whether the log is whole, in words. */
function Chain({ chain }: { chain: AuditPage["chain"] }) {
  const words = auditWords();
  const isWhole = chain.faults.length === 0;
  return (
    <div class={isWhole ? "chain" : "chain broken"} role={isWhole ? undefined : "alert"}>
      <Icon name={isWhole ? "recorded" : "warning"} />
      <div>
        <strong>
          {isWhole
            ? words.unbroken(formatCount(chain.entries), exactMoment(Date.parse(chain.checkedAt)))
            : words.broken(formatCount(chain.faults.length), chain.faults.length === 1)}
        </strong>
        {!isWhole && <p>{words.brokenHint}</p>}
        {chain.sha256 !== null && (
          <p class="quiet">
            {words.hash} <code>{chain.sha256}</code>
          </p>
        )}
      </div>
    </div>
  );
}

function Entry({ item }: { item: AuditItem }) {
  const { at, who, action, interactionId, detail } = item;
  return (
    <tr>
      <td>{exactMoment(Date.parse(at))}</td>
      <td>{who}</td>
      <td>{auditWords().actions[action] ?? action}</td>
      <td>{interactionId === null ? "–" : <a href={pathOf(interactionId)}>{interactionId}</a>}</td>
      <td>{detail}</td>
    </tr>
  );
}
