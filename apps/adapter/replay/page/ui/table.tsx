import type { ComponentChildren } from "preact";

/**
 * A table in a room of its own, which scrolls.
 *
 * @param props.name - of the table's class, and of its columns' (`NAME-COLUMN`).
 * @param props.columns - what stands above each, by name.
 * @param props.children - its rows.
 * @param props.below - what stands in the same room, below the rows.
 */
export function Table<Column extends string>(props: {
  label: string;
  name: string;
  columns: readonly Column[];
  heads: Readonly<Record<Column, string>>;
  children: ComponentChildren;
  below?: ComponentChildren;
}) {
  const { label, name, columns, heads, children, below } = props;
  return (
    // What scrolls must be reachable by keyboard, too.
    <section class="results" aria-label={label} tabIndex={0}>
      <table class={`calls ${name}-table`}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" class={`${name}-${column}`}>
                {heads[column]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
      {below}
    </section>
  );
}
