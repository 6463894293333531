import type { Cell, ColumnType } from "../dataverse/columns.ts";
import type { MultiSelectForm } from "../faults/fault-settings.ts";
import type { ResolveLookup } from "../odata/row-json.ts";

/** The namespace of the platform's types in a post. */
const CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts";

/** A value's type as .NET's data contract serializer writes it. */
export function typeName(name: "Entity" | "EntityReference" | "OptionSetValue" | "OptionSetValueCollection") {
  return `${name}:${CONTRACTS}`;
}

/** A reference to a row. */
export function entityReference(logicalName: string, id: string, name: string | null): object {
  return {
    __type: typeName("EntityReference"),
    Id: id,
    KeyAttributes: [],
    LogicalName: logicalName,
    Name: name,
    RowVersion: null,
  };
}

/** The form that values of a post depend on. */
export interface AttributeForm {
  readonly multiSelect: MultiSelectForm;
  /** Whether lookups carry the name of what they point to; they do in images only. */
  readonly withNames: boolean;
  readonly resolveLookup: ResolveLookup;
}

/** A cell as a post's attribute. */
export function attributeValue(type: ColumnType, cell: Cell, form: AttributeForm): unknown {
  if (cell === null) return null;
  switch (type.kind) {
    case "choice":
      return optionSetValue(Number(cell));
    case "choices":
      return multiSelectValue(String(cell), form.multiSelect);
    case "datetime":
      return `/Date(${cell})/`;
    case "lookup": {
      const target = form.resolveLookup(type.targets, String(cell));
      const name = form.withNames && target !== null && target.name !== "" ? target.name : null;
      return entityReference(target?.logicalName ?? type.targets[0] ?? "none", String(cell), name);
    }
    case "guid":
    case "string":
    case "secret":
    case "integer":
    case "bigint":
    case "boolean":
    case "file":
      return cell;
  }
}

function optionSetValue(value: number): object {
  return { __type: typeName("OptionSetValue"), Value: value };
}

function multiSelectValue(joined: string, form: MultiSelectForm): unknown {
  if (form === "string") return joined;
  const options = joined.split(",").map((value) => optionSetValue(Number(value)));
  return form === "options" ? options : { __type: typeName("OptionSetValueCollection"), Value: options };
}
