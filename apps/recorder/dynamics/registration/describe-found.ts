import type { DeskreelError } from "#shared/runtime/errors.ts";
import type { FailedPosts } from "./failed-posts.ts";
import { listOf } from "./plan.ts";
import type { FoundRow } from "./registered-row.ts";
import { describeKey } from "./wanted-rows.ts";

/**
 * What is registered, for people.
 *
 * @param key - the recorder's webhook key, or why it is not known here.
 */
export function describeFound(webhook: FoundRow, key: string | DeskreelError, failed: FailedPosts): string[] {
  const { values } = webhook;
  const { count, isMore, newest } = failed;
  return [
    webhook.name,
    `  posts to   ${String(values["url"])}`,
    `  changed    ${String(values["modifiedon"])}`,
    `  key        ${compareKey(values["description"], key)}`,
    ...webhook.children.toSorted((left, right) => (left.name < right.name ? -1 : 1)).flatMap(describeStep),
    `  failed     ${count === 0 ? "no post" : `${count}${isMore ? " or more" : ""} post(s); the newest:`}`,
    ...newest.map(({ at, step, message }) => `    ${at}  ${step}: ${message}`),
  ];
}

function compareKey(description: unknown, key: string | DeskreelError): string {
  if (typeof key !== "string") return `not compared: ${key.message}`;
  if (description === describeKey(key)) return "the recorder's";
  return "not the recorder's, which refuses these posts; run setup-dynamics";
}

function describeStep({ name, values, children }: FoundRow): string[] {
  const isOn = values["statecode"] === 0;
  const watched = listOf(values["filteringattributes"]);
  return [
    `  step       ${name}${isOn ? "" : " (switched off)"}`,
    ...(watched.length === 0 ? [] : [`    changes of  ${watched.join(", ")}`]),
    ...children.map(
      (image) => `    sends       ${listOf(image.values["attributes"]).join(", ") || "all columns"}`,
    ),
  ];
}
