import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../setup/command.mjs";
import { stageMsiSource, wixCommands, wixlCommands } from "./msi.ts";
import { elementsOf, parseXml, type XmlElement } from "./testing/xml.ts";

let stage: string;
/** The source as each of the two compilers has it when its own conditions and includes are resolved. */
let forWix: XmlElement;
let forWixl: XmlElement;
/** Rows of the tables that msibuild adds to wixl's package. */
let added: string[];

beforeAll(async () => {
  stage = await mkdtemp(join(tmpdir(), "deskreel-msi-source-"));
  const app = join(stage, "unpacked");
  await mkdir(join(app, "an & b"), { recursive: true });
  await writeFile(join(app, "Deskreel.exe"), "");
  await writeFile(join(app, "an & b", "c.txt"), "");
  await stageMsiSource(app, stage);
  const preprocess = async (...definitions: string[]) =>
    parseXml(
      await runCommand(
        "wixl",
        ["-E", "-D", "Version=1.2.3", "-D", "UpdateRounds=315", ...definitions, "deskreel.wxs"],
        { cwd: stage },
      ),
    );
  forWix = await preprocess();
  forWixl = await preprocess("-D", "Wixl=1");
  const source = await readFile(join(stage, "deskreel.wxs"), "utf8");
  const msibuild = wixlCommands(source, "1.2.3", "x.msi").find(([program]) => program === "msibuild") ?? [];
  added = msibuild.slice(2).filter((argument) => argument !== "-q");
});
afterAll(() => rm(stage, { recursive: true }));

test("both compilers get one source, well-formed, with all of the app's files, each referred to once", () => {
  for (const source of [forWix, forWixl]) {
    expect(elementsOf(source, "File").map(({ attributes }) => attributes["Source"])).toEqual([
      "app/Deskreel.exe",
      "app/an & b/c.txt",
      "app/autostart-task.xml",
    ]);
    const ids = (name: string) => elementsOf(source, name).map(({ attributes }) => attributes["Id"] ?? "");
    expect(ids("ComponentRef").toSorted()).toEqual(ids("Component").toSorted());
    expect(new Set(ids("Component")).size).toBe(ids("Component").length);
    expect(elementsOf(source, "Product")[0]?.attributes["Version"]).toBe("1.2.3");
  }
});

test("what wixl does not know is added to its package as WiX has it from the source", () => {
  const properties = elementsOf(forWix, "Property");
  const having = (attribute: string) =>
    properties
      .filter(({ attributes }) => attributes[attribute] === "yes")
      .map(({ attributes }) => attributes["Id"]);
  expect(added.join("\n")).toContain(`SET \`Value\`='${having("Secure").join(";")};WIX_`);
  expect(added.join("\n")).toContain(`('MsiHiddenProperties','${having("Hidden").join(";")}')`);
  for (const component of elementsOf(forWix, "Component")) {
    const [condition] = elementsOf(component, "Condition");
    if (condition === undefined) continue;
    expect(added).toContain(
      `UPDATE \`Component\` SET \`Condition\`='${condition.text}' WHERE \`Component\`='${component.attributes["Id"]}'`,
    );
  }
  const [progress] = elementsOf(forWix, "ProgressText");
  const { Action, Template } = progress?.attributes ?? {};
  expect(added.join("\n")).toContain(`('${Action}','${progress?.text}','${Template}')`);
});

test("the programs that are run are the same ones, as the system, under the same conditions", () => {
  const programs = elementsOf(forWix, "CustomAction").filter(({ attributes }) => "ExeCommand" in attributes);
  expect(programs.length).toBeGreaterThan(5);
  for (const { attributes } of programs) {
    const { Id, Execute, Impersonate, Return, Directory, ExeCommand } = attributes;
    expect(Impersonate).toBe("no");
    const type = 34 + 1024 + 2048 + (Execute === "rollback" ? 256 : 0) + (Return === "ignore" ? 64 : 0);
    expect(added.join("\n")).toContain(`('${Id}',${type},'${Directory}','${ExeCommand}')`);
    const call = elementsOf(forWix, "Custom").find((custom) => custom.attributes["Action"] === Id);
    expect(added.join("\n")).toContain(`('${Id}','${call?.text}',${call?.attributes["Sequence"]})`);
  }
  const forWixlToo = elementsOf(forWixl, "CustomAction").filter(
    ({ attributes }) => "ExeCommand" in attributes,
  );
  expect(forWixlToo).toEqual([]);
});

test("on Windows WiX 3 compiles and links it, from its own folder or from PATH", () => {
  expect(
    wixCommands("1.2.3", "C:\\out\\x.msi", { WIX: "C:\\Program Files (x86)\\WiX Toolset v3.14\\" }),
  ).toEqual([
    [
      "C:\\Program Files (x86)\\WiX Toolset v3.14\\bin\\candle.exe",
      ...[
        "-nologo",
        "-arch",
        "x64",
        "-dVersion=1.2.3",
        "-dUpdateRounds=315",
        "-out",
        "deskreel.wixobj",
        "deskreel.wxs",
      ],
    ],
    [
      "C:\\Program Files (x86)\\WiX Toolset v3.14\\bin\\light.exe",
      ...["-nologo", "-sval", "-spdb", "-out", "C:\\out\\x.msi", "deskreel.wixobj"],
    ],
  ]);
  expect(wixCommands("1.2.3", "x.msi", {}).map(([program]) => program)).toEqual(["candle.exe", "light.exe"]);
});
