import { useEffect, useState } from "preact/hooks";
import { fetchFacets } from "../api.ts";
import { Choice } from "../ui/choice.tsx";
import { Icon } from "../ui/icon.tsx";
import { findWords } from "../words/find-words.ts";
import { ATTRIBUTES_MOST, type Filters, isAttribute, TEXT_MOST } from "./filters.ts";
import { instantIn, localText } from "./local-text.ts";

interface Part {
  filters: Filters;
  onChange: (change: Partial<Filters>) => void;
}

/** Both edges of a time of one's own. */
export function OwnPeriod({ filters, onChange }: Part) {
  const words = findWords();
  return (
    <>
      {(["from", "to"] as const).map((edge) => (
        <label key={edge} class="named-field">
          {words[edge]}
          <input
            type="datetime-local"
            max="9999-12-31T23:59"
            value={localText(filters[edge])}
            onChange={(event) => onChange({ [edge]: instantIn(event.currentTarget.value), period: "" })}
          />
        </label>
      ))}
    </>
  );
}

/** What is asked for seldom: direction, the whole customer, attributes of the call. */
export function MoreFilters({ filters, onChange }: Part) {
  const words = findWords();
  const [directions, setDirections] = useState<readonly string[]>(["inbound", "outbound"]);
  useEffect(() => {
    const asked = new AbortController();
    fetchFacets("direction", "", asked.signal).then(
      (found) => setDirections(found.map(({ value }) => value)),
      // Those that Dynamics knows stay to be chosen.
      () => {},
    );
    return () => asked.abort();
  }, []);
  const all = [...new Set([...directions, filters.direction])].filter((direction) => direction !== "");
  return (
    <>
      <Choice
        label={words.direction}
        options={[
          { value: "", text: words.allDirections },
          ...all.map((value) => ({ value, text: words.directions[value] ?? value })),
        ]}
        chosen={filters.direction}
        onChoose={(direction) => onChange({ direction })}
      />
      <input
        type="text"
        aria-label={words.customer}
        placeholder={words.customer}
        autocomplete="off"
        spellcheck={false}
        maxLength={TEXT_MOST}
        class={filters.customer === "" ? undefined : "in-use"}
        value={filters.customer}
        onChange={(event) => onChange({ customer: event.currentTarget.value.trim() })}
      />
      <Attributes attributes={filters.attributes} onChange={(attributes) => onChange({ attributes })} />
    </>
  );
}

function Attributes(props: { attributes: readonly string[]; onChange: (next: readonly string[]) => void }) {
  const words = findWords();
  const [typed, setTyped] = useState("");
  const isFull = props.attributes.length >= ATTRIBUTES_MOST;
  const add = () => {
    if (!isAttribute(typed) || isFull) return;
    props.onChange([...new Set([...props.attributes, typed.trim()])]);
    setTyped("");
  };
  return (
    <>
      <input
        type="text"
        aria-label={words.attribute}
        placeholder={`${words.attribute} ${words.attributeHint}`}
        autocomplete="off"
        spellcheck={false}
        maxLength={TEXT_MOST}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Enter" && add()}
      />
      <button type="button" disabled={!isAttribute(typed) || isFull} onClick={add}>
        {words.addAttribute}
      </button>
      {props.attributes.map((attribute) => (
        <button
          key={attribute}
          type="button"
          class="chip"
          aria-label={words.remove(attribute)}
          onClick={() => props.onChange(props.attributes.filter((other) => other !== attribute))}
        >
          {attribute}
          <Icon name="not-recorded" />
        </button>
      ))}
    </>
  );
}
