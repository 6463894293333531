import { useEffect, useState } from "preact/hooks";
import { type AuditItem, type AuditPage, fetchAudit } from "../api.ts";
import { pathOf } from "../router.ts";
import { Icon } from "../ui/icon.tsx";
import { ErrorNote, Note } from "../ui/note.tsx";
import { tip } from "../ui/tooltip.tsx";
import { useFetched } from "../ui/use-fetched.ts";
import { auditWords } from "../words/audit-words.ts";
import { findWords } from "../words/find-words.ts";
import { exactMoment, formatCount } from "../words/local-format.ts";

/** What was done to and with interactions, by whom, and whether the log of it is whole. */
export function AuditView() {
  const words = auditWords();
  const audit = useFetched("audit", (signal) => fetchAudit(null, signal));
  const [more, setMore] = useState<AuditPage[]>([]);
  const [trouble, setTrouble] = useState("");
  useEffect(() => {
    document.title = `${words.title} · Deskreel`;
  }, [words]);
  const { value, problem } = audit;
  const pages = value === null ? [] : [value, ...more];
  const items = pages.flatMap((page) => page.items);
  const cursor = pages.at(-1)?.cursor ?? null;
  const load = (after: string) => {
    fetchAudit(after, new AbortController().signal).then(
      (page) => {
        setTrouble("");
        setMore((were) => [...were, page]);
      },
      (error: unknown) => setTrouble(error instanceof Error ? error.message : String(error)),
    );
  };
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
          {items.length === 0 ? (
            <Note title={words.none} />
          ) : (
            <div class="results">
              <table class="calls audit">
                <thead>
                  <tr>
                    {(["at", "who", "action", "interaction", "detail"] as const).map((name) => (
                      <th key={name} scope="col" class={`audit-${name}`}>
                        {words.columns[name]}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {items.map((item) => (
                    <Entry key={item.number} item={item} />
                  ))}
                </tbody>
              </table>
              {cursor !== null && (
                <button type="button" class="more" onClick={() => load(cursor)}>
                  {words.more}
                </button>
              )}
              {trouble !== "" && (
                <p class="trouble" role="alert">
                  {trouble}
                </p>
              )}
            </div>
          )}
        </>
      )}
    </main>
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
            : words.broken(formatCount(chain.faults.length))}
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
      <td {...tip(who, true)}>{who}</td>
      <td>{auditWords().actions[action] ?? action}</td>
      <td>{interactionId === null ? "–" : <a href={pathOf(interactionId)}>{interactionId}</a>}</td>
      <td {...tip(detail, true)}>{detail}</td>
    </tr>
  );
}
