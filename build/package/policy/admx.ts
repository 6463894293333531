import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { escapeXml } from "../xml.ts";
import { CATEGORY, POLICIES, type Policy, SUPPORTED, type Texts, WHAT_HOLDS_OTHERWISE } from "./policies.ts";

/** Where the app looks for it; the registry's 64-bit view. */
const KEY = "Software\\Policies\\Deskreel";
const NAMESPACE = "Deskreel.Policies";
const SCHEMA = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";
const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n';
/** Counts up with what is in the templates. */
const REVISION = "1.0";

/** The languages that the templates speak, by their folder in a store. */
const CULTURES = { "en-US": "en", "de-DE": "de" } as const;

/** Writes the templates as a store of Group Policy has them. @returns their names, relative to `folder`. */
export async function writePolicyTemplates(folder: string): Promise<string[]> {
  const files = policyTemplates();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return Object.keys(files);
}

/** The templates by their name in a store: `Deskreel.admx`, and its texts in a folder for each language. */
export function policyTemplates(): Record<string, string> {
  const texts = Object.entries(CULTURES).map(([culture, language]) => [
    `${culture}/Deskreel.adml`,
    adml(language),
  ]);
  return { "Deskreel.admx": admx(), ...Object.fromEntries(texts) };
}

/** What the registry calls a setting: it begins in upper case. */
function registryName(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1);
}

function admx(): string {
  // It needs no other template, so that Intune takes it alone.
  return `${DECLARATION}<policyDefinitions xmlns="${SCHEMA}" revision="${REVISION}" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="deskreel" namespace="${NAMESPACE}"/>
  </policyNamespaces>
  <resources minRequiredRevision="${REVISION}"/>
  <supportedOn>
    <definitions>
      <definition name="SUPPORTED_Deskreel" displayName="$(string.SUPPORTED_Deskreel)"/>
    </definitions>
  </supportedOn>
  <categories>
    <category name="Deskreel" displayName="$(string.Deskreel)"/>
  </categories>
  <policies>
${Object.entries(POLICIES).map(definition).join("")}  </policies>
</policyDefinitions>
`;
}

function definition([key, policy]: [string, Policy]): string {
  const name = registryName(key);
  const presentation = policy.kind === "yes-no" ? "" : ` presentation="$(presentation.${name})"`;
  const valueName = policy.kind === "yes-no" ? ` valueName="${name}"` : "";
  return `    <policy name="${name}" class="Machine" displayName="$(string.${name})" explainText="$(string.${name}_Explain)"${presentation} key="${KEY}"${valueName}>
      <parentCategory ref="Deskreel"/>
      <supportedOn ref="SUPPORTED_Deskreel"/>
${written(name, policy)}    </policy>
`;
}

function written(name: string, policy: Policy): string {
  switch (policy.kind) {
    case "yes-no":
      return '      <enabledValue><decimal value="1"/></enabledValue>\n      <disabledValue><decimal value="0"/></disabledValue>\n';
    case "text":
      return elements([`<text id="${name}" valueName="${name}" required="true"/>`]);
    case "choice": {
      const items = Object.keys(policy.choices).map(
        (choice) =>
          `<item displayName="$(string.${name}_${choice})"><value><string>${escapeXml(choice)}</string></value></item>`,
      );
      return elements([`<enum id="${name}" valueName="${name}" required="true">${items.join("")}</enum>`]);
    }
    case "section":
      return elements(
        Object.keys(policy.labels).map((inner) => {
          const value = registryName(inner);
          return `<text id="${name}_${value}" key="${KEY}\\${name}" valueName="${value}" required="true"/>`;
        }),
      );
  }
}

function elements(lines: readonly string[]): string {
  return `      <elements>\n${lines.map((line) => `        ${line}\n`).join("")}      </elements>\n`;
}

function adml(language: keyof Texts): string {
  const strings: Record<string, Texts> = { Deskreel: CATEGORY, SUPPORTED_Deskreel: SUPPORTED };
  for (const [key, policy] of Object.entries(POLICIES)) {
    const name = registryName(key);
    strings[name] = policy.name;
    strings[`${name}_Explain`] = {
      en: `${policy.explain.en}\n\n${WHAT_HOLDS_OTHERWISE.en}`,
      de: `${policy.explain.de}\n\n${WHAT_HOLDS_OTHERWISE.de}`,
    };
    if (policy.kind === "choice")
      for (const [choice, text] of Object.entries(policy.choices)) strings[`${name}_${choice}`] = text;
  }
  const lines = Object.entries(strings).map(
    ([id, text]) => `      <string id="${id}">${escapeXml(text[language])}</string>\n`,
  );
  const presentations = Object.entries(POLICIES).map(([key, policy]) =>
    presentation(registryName(key), policy, language),
  );
  return `${DECLARATION}<policyDefinitionResources xmlns="${SCHEMA}" revision="${REVISION}" schemaVersion="1.0">
  <displayName>Deskreel</displayName>
  <description>Deskreel</description>
  <resources>
    <stringTable>
${lines.join("")}    </stringTable>
    <presentationTable>
${presentations.join("")}    </presentationTable>
  </resources>
</policyDefinitionResources>
`;
}

function presentation(name: string, policy: Policy, language: keyof Texts): string {
  if (policy.kind === "yes-no") return "";
  const textBox = (id: string, label: Texts) =>
    `        <textBox refId="${id}"><label>${escapeXml(label[language])}</label></textBox>\n`;
  let controls: string;
  if (policy.kind === "text") controls = textBox(name, policy.label);
  else if (policy.kind === "section")
    controls = Object.entries(policy.labels)
      .map(([inner, label]) => textBox(`${name}_${registryName(inner)}`, label))
      .join("");
  else
    controls = `        <dropdownList refId="${name}" noSort="true" defaultItem="0">${escapeXml(policy.label[language])}</dropdownList>\n`;
  return `      <presentation id="${name}">\n${controls}      </presentation>\n`;
}
