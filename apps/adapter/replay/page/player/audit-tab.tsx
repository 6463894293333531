import { useEffect, useState } from "preact/hooks";
import { formatDate, formatTimeOfDay } from "../format.ts";
import { partWords } from "../words/part-words.ts";
import { trustWords } from "../words/trust-words.ts";
import type { AuditItem, ServerSide } from "./server-side.ts";

/** Who saw, exported, held or changed this interaction; asked for anew whenever it is opened. */
export function AuditTab({ server }: { server: ServerSide }) {
  const words = trustWords();
  const [items, setItems] = useState<readonly AuditItem[] | null>(null);
  const [failure, setFailure] = useState("");
  const load = () => {
    server.audit().then(
      (found) => {
        setItems(found);
        setFailure("");
      },
      (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
    );
  };
  useEffect(load, [server]);
  return (
    <>
      <div class="panel-line">
        <span class="quiet">{words.auditHint}</span>
        <button type="button" class="plain" onClick={load}>
          {words.refresh}
        </button>
      </div>
      {failure !== "" && (
        <p class="panel-failure" role="alert">
          {partWords().failed(failure)}
        </p>
      )}
      {items?.length === 0 && <p class="panel-note">{words.noAudit}</p>}
      <ol class="audit">
        {(items ?? []).map(({ at, who, action, detail }, index) => (
          <li key={index}>
            <span class="audit-what">
              {words.actions[action] ?? action} · {who}
            </span>
            <span class="quiet">
              {formatDate(Date.parse(at))} {formatTimeOfDay(Date.parse(at))}
            </span>
            {detail !== "" && <span class="quiet">{detail}</span>}
          </li>
        ))}
      </ol>
    </>
  );
}
