import { expect, test } from "vitest";
import { columnsOf, ROW_KINDS, ROW_TABLES } from "../row-schemas.ts";
import { describeKey, wantedRows } from "./wanted-rows.ts";

const IDS = {
  message: (message: string) => message,
  filter: (message: string, table: string) => `${message} of ${table}`,
};
const ADDRESS = { name: "Deskreel x.example", url: "https://x.example/v1/dataverse-webhook" };
const KEY = "webhook-key-0000000001";
const WANTED = wantedRows(ADDRESS, KEY, IDS);

function columnsOfTable(logicalName: string): readonly string[] {
  const kind = ROW_KINDS.find((one) => ROW_TABLES[one].logicalName === logicalName);
  return kind === undefined ? [] : columnsOf(kind);
}

test("the webhook is posted JSON with the key in `?code=`, and the key is not in what can be read", () => {
  const { children: _children, secrets, ...readable } = WANTED;
  expect(readable).toEqual({
    kind: "webhook",
    name: "Deskreel x.example",
    values: { contract: 8, authtype: 4, messageformat: 2, url: ADDRESS.url, description: describeKey(KEY) },
    lookups: {},
  });
  expect(secrets).toEqual({ authvalue: KEY });
  expect(JSON.stringify(readable)).not.toContain(KEY);
});

test("another key has another description", () => {
  expect(describeKey("another-key-0000000001")).not.toBe(describeKey(KEY));
});

test("Create and Update of each table that tells of calls are posted, in the background", () => {
  expect(WANTED.children.map(({ name }) => name)).toEqual([
    "Deskreel x.example: Create msdyn_sessionparticipant",
    "Deskreel x.example: Update msdyn_sessionparticipant",
    "Deskreel x.example: Create msdyn_ocsession",
    "Deskreel x.example: Update msdyn_ocsession",
    "Deskreel x.example: Create msdyn_ocliveworkitem",
    "Deskreel x.example: Update msdyn_ocliveworkitem",
    "Deskreel x.example: Create msdyn_ocsessionparticipantevent",
    "Deskreel x.example: Update msdyn_ocsessionparticipantevent",
    "Deskreel x.example: Create msdyn_agentstatus",
    "Deskreel x.example: Update msdyn_agentstatus",
  ]);
  for (const { values } of WANTED.children) {
    expect(values).toMatchObject({ stage: 40, mode: 1, supporteddeployment: 0, asyncautodelete: true });
  }
});

test.each(WANTED.children.map((step) => [step.name, step] as const))(
  "%s watches columns that are read, and its image has all of them",
  (name, { values, lookups, children }) => {
    const [, message = "", table = ""] = / (Create|Update) (\w+)$/.exec(name) ?? [];
    expect(lookups["sdkmessagefilterid"]).toEqual({ set: "sdkmessagefilters", id: `${message} of ${table}` });
    const read = columnsOfTable(table);
    const watched = values["filteringattributes"];
    if (message === "Create") expect(watched).toBeNull();
    else
      expect(
        String(watched)
          .split(",")
          .filter((column) => !read.includes(column)),
      ).toEqual([]);
    expect(children).toHaveLength(1);
    const image = children[0]?.values ?? {};
    expect(image).toMatchObject({
      imagetype: 1,
      messagepropertyname: message === "Create" ? "Id" : "Target",
    });
    expect(new Set(String(image["attributes"]).split(","))).toEqual(new Set([...read, "modifiedon"]));
  },
);
