import { SelectRoom } from "./select.tsx";

/** One of some values; its label is for assistive technology, the chosen text says the rest. */
export function Choice<Value extends string>(props: {
  label: string;
  options: readonly { value: Value; text: string }[];
  chosen: Value;
  onChoose: (value: Value) => void;
}) {
  const { label, options, chosen, onChoose } = props;
  return (
    <SelectRoom>
      <select
        aria-label={label}
        class={options[0]?.value === chosen ? undefined : "in-use"}
        value={chosen}
        onChange={(event) => {
          const value = options.find((option) => option.value === event.currentTarget.value)?.value;
          if (value !== undefined) onChoose(value);
        }}
      >
        {options.map(({ value, text }) => (
          <option key={value} value={value} selected={value === chosen}>
            {text}
          </option>
        ))}
      </select>
    </SelectRoom>
  );
}
