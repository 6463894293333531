import { formatBytes } from "#shared/text/bytes.ts";
import type { IdleDesktop, RecorderLine } from "../../../domain/live-view.ts";
import { Icon } from "../ui/icon.tsx";
import { liveWords } from "../words/live-words.ts";
import { minuteOfDay, shortMoment } from "../words/local-format.ts";
import type { LiveAnswer } from "./live-rows.ts";

/** Recorders, and desktops that wait for a call; what of it one may see. */
export function LiveMachines({ answer: { recorders, idle } }: { answer: LiveAnswer }) {
  const words = liveWords();
  return (
    // Columns that scroll must be reachable by keyboard, too.
    <section class="live-machines" aria-label={words.recorders} tabIndex={0}>
      <h2>{words.recorders}</h2>
      {recorders.length === 0 ? (
        <p class="quiet">{words.noRecorders}</p>
      ) : (
        <ul>
          {recorders.map((recorder) => (
            <Recorder key={recorder.name} recorder={recorder} />
          ))}
        </ul>
      )}
      <h2>{words.idle}</h2>
      <p class="quiet">{words.idleCount(idle.count)}</p>
      {idle.items !== null && (
        <ul>
          {idle.items.map((desktop) => (
            <Idle key={`${desktop.agent} ${desktop.device}`} desktop={desktop} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Recorder({ recorder }: { recorder: RecorderLine }) {
  const words = liveWords();
  const { name, isReachable, asOf, fault, space, handoff } = recorder;
  const lastAnswer = asOf === null ? words.neverAnswered : words.answeredLast(shortMoment(Date.parse(asOf)));
  const { freeBytes = null, reserveBytes = 0, bufferBytes = null, quotaBytes = null } = space ?? {};
  return (
    <li class={isReachable ? "machine" : "machine away"}>
      <strong>
        <Icon name={isReachable ? "recorded" : "warning"} />
        {name}
      </strong>
      <p>{isReachable ? words.reachable : `${words.unreachable}, ${lastAnswer}`}</p>
      {fault !== null && <p class="quiet">{fault}</p>}
      {space !== null && space.alarm !== null && <p class="attention">{space.alarm}</p>}
      {freeBytes !== null && <p>{words.free(formatBytes(freeBytes), formatBytes(reserveBytes))}</p>}
      {bufferBytes !== null && quotaBytes !== null && (
        <p>{words.used(formatBytes(bufferBytes), formatBytes(quotaBytes))}</p>
      )}
      {handoff !== null && <p>{words.waitingForHandoff(handoff.waiting)}</p>}
      {handoff !== null && handoff.refused > 0 && <p class="attention">{words.refused(handoff.refused)}</p>}
    </li>
  );
}

function Idle({ desktop: { agent, device, since, displays, appVersion } }: { desktop: IdleDesktop }) {
  const words = liveWords();
  return (
    <li class="machine">
      {agent}
      <p class="quiet">
        {[device, words.monitors(displays), words.idleSince(minuteOfDay(Date.parse(since)))].join(" · ")}
      </p>
      <p class="quiet">Deskreel {appVersion}</p>
    </li>
  );
}
