import type { EpochMs } from "#shared/time/units.ts";
import type { Row } from "../dataverse/columns.ts";
import type { StoreWrite } from "../dataverse/dataverse-store.ts";
import type { LabelLanguage } from "../dataverse/localised-label.ts";
import type { MultiSelectForm } from "../faults/fault-settings.ts";
import { formattedValue, type ResolveLookup } from "../odata/row-json.ts";
import { attributeValue, entityReference, typeName } from "./attribute-values.ts";

/** A step's image, as registered. */
export interface StepImage {
  readonly alias: string;
  readonly when: "before" | "after";
  /** Null = all columns. */
  readonly columns: readonly string[] | null;
}

/** What a post is about and how it is to be written. */
export interface PostSubject {
  readonly write: StoreWrite;
  readonly stepId: string;
  readonly images: readonly StepImage[];
  /** When the write was. */
  readonly at: EpochMs;
  readonly correlationId: string;
  readonly requestId: string;
  /** The async operation's id. */
  readonly operationId: string;
  readonly language: LabelLanguage;
  readonly multiSelect: MultiSelectForm;
  readonly resolveLookup: ResolveLookup;
}

/** The organisation and the service that writes the rows of calls. */
const ORGANISATION = {
  businessUnitId: "a3c20b02-4e38-ef11-a315-000d3a5a54dc",
  organisationId: "66aa66aa-bb77-cc88-dd99-00ee00ee00ee",
  name: "unq6042beb1a93aef118e4b00224802c",
  userId: "d89254ff-9438-ef11-a315-000d3a5a54dc",
  userEntraId: "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
  userAgent: "Microsoft.CCaaS",
} as const;
/** An entry of .NET's dictionaries. */
interface Pair {
  readonly key: string;
  readonly value: unknown;
}

const POST_OPERATION = 40;
const ASYNCHRONOUS = 1;

/**
 * The RemoteExecutionContext that a webhook of an asynchronous step posts
 * (learn.microsoft.com, "Use webhooks to create external handlers for server events", "Sync presence status").
 */
export function remoteExecutionContext(subject: PostSubject): Record<string, unknown> {
  const { write } = subject;
  return {
    BusinessUnitId: ORGANISATION.businessUnitId,
    CorrelationId: subject.correlationId,
    Depth: 1,
    InitiatingUserAgent: ORGANISATION.userAgent,
    InitiatingUserAzureActiveDirectoryObjectId: ORGANISATION.userEntraId,
    InitiatingUserId: ORGANISATION.userId,
    InputParameters: [{ key: "Target", value: targetOf(subject) }],
    IsExecutingOffline: false,
    IsInTransaction: false,
    IsOfflinePlayback: false,
    IsolationMode: 1,
    MessageName: write.message,
    Mode: ASYNCHRONOUS,
    OperationCreatedOn: `/Date(${Math.floor(subject.at / 1_000) * 1_000}+0000)/`,
    OperationId: subject.operationId,
    OrganizationId: ORGANISATION.organisationId,
    OrganizationName: ORGANISATION.name,
    OutputParameters: write.message === "Create" ? [{ key: "id", value: write.id }] : [],
    OwningExtension: {
      Id: subject.stepId,
      KeyAttributes: [],
      LogicalName: "sdkmessageprocessingstep",
      Name: null,
      RowVersion: null,
    },
    ParentContext: null,
    PostEntityImages: imagesOf(subject, "after"),
    PreEntityImages: imagesOf(subject, "before"),
    PrimaryEntityId: write.id,
    PrimaryEntityName: write.entity.logicalName,
    RequestId: subject.requestId,
    SecondaryEntityName: "none",
    SharedVariables: [{ key: "IsAutoTransact", value: true }],
    Stage: POST_OPERATION,
    UserAzureActiveDirectoryObjectId: ORGANISATION.userEntraId,
    UserId: ORGANISATION.userId,
  };
}

/** What is left of a post that is too large: the receiver has to read the row. */
export function withoutRows(context: Record<string, unknown>): Record<string, unknown> {
  const removed = ["ParentContext", "InputParameters", "PreEntityImages", "PostEntityImages"];
  return Object.fromEntries(Object.entries(context).filter(([name]) => !removed.includes(name)));
}

/** As .NET's serializer writes it: with every slash escaped. */
export function contextText(context: Record<string, unknown>): string {
  return JSON.stringify(context).replaceAll("/", "\\/");
}

/** What the write named: the columns written, with the key and the platform's own; a reference when it is gone. */
function targetOf(subject: PostSubject): object {
  const { entity, id, after, columns } = subject.write;
  if (after === null) return entityReference(entity.logicalName, id, null);
  const named = new Set([entity.key, ...columns, "modifiedon"]);
  named.delete("versionnumber");
  return {
    __type: typeName("Entity"),
    ...entityFrame(subject, attributesOf(subject, after, [...named], false)),
    RowVersion: String(after["versionnumber"]),
  };
}

function imagesOf(subject: PostSubject, when: "before" | "after"): Pair[] {
  const { entity, before, after } = subject.write;
  const row = when === "before" ? before : after;
  if (row === null) return [];
  const images = subject.images.filter((image) => image.when === when);
  if (images.length > 0) {
    return images.map(({ alias, columns }) => ({ key: alias, value: imageOf(subject, row, columns) }));
  }
  if (when === "before") return [];
  // An asynchronous step without an image of its own gets the row's name.
  return [
    { key: "AsynchronousStepPrimaryName", value: imageOf(subject, row, [entity.primaryName, entity.key]) },
  ];
}

/** An image leaves out the columns that are null. */
function imageOf(subject: PostSubject, row: Row, columns: readonly string[] | null): object {
  const { write, resolveLookup, language } = subject;
  const named = (columns ?? Object.keys(write.entity.columns)).filter(
    (column) => (row[column] ?? null) !== null,
  );
  const labels = named.flatMap((column): Pair[] => {
    const [type, cell] = [write.entity.columns[column], row[column] ?? null];
    if (type === undefined || cell === null) return [];
    const label = formattedValue(type, cell, resolveLookup, language);
    return label === null || label === "" ? [] : [{ key: column, value: label }];
  });
  return {
    ...entityFrame(subject, attributesOf(subject, row, named, true)),
    FormattedValues: labels,
    RowVersion: null,
  };
}

function attributesOf(
  { write, multiSelect, resolveLookup }: PostSubject,
  row: Row,
  columns: readonly string[],
  withNames: boolean,
): Pair[] {
  return columns.flatMap((column): Pair[] => {
    const type = write.entity.columns[column];
    if (type === undefined || type.kind === "secret") return [];
    const form = { multiSelect, withNames, resolveLookup };
    return [{ key: column, value: attributeValue(type, row[column] ?? null, form) }];
  });
}

function entityFrame({ write }: PostSubject, attributes: readonly Pair[]): object {
  return {
    Attributes: attributes,
    EntityState: null,
    FormattedValues: [],
    Id: write.id,
    KeyAttributes: [],
    LogicalName: write.entity.logicalName,
    RelatedEntities: [],
  };
}
