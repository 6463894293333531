import { expect, test } from "vitest";
import { loadConfig } from "#shared/runtime/config.ts";
import { configSchema, type DesktopConfig } from "#shared/runtime/config-schema.ts";
import { readManagedSettings } from "../../../apps/desktop/managed/managed-settings.ts";
import { elementsOf, parseXml, type XmlElement } from "../testing/xml.ts";
import { policyTemplates } from "./admx.ts";

const templates = Object.fromEntries(
  Object.entries(policyTemplates()).map(([name, text]) => [name, parseXml(text)]),
);
const admx = templateOf("Deskreel.admx");
const policies = elementsOf(admx, "policy");

function templateOf(name: string): XmlElement {
  const template = templates[name];
  if (template === undefined) throw new Error(`there is no ${name}`);
  return template;
}

/** An attribute of each, in order. */
function idsOf(elements: readonly XmlElement[], attribute: string): string[] {
  return elements.map(({ attributes }) => attributes[attribute] ?? "").toSorted();
}

/** What an administrator sets: nothing but on or off, or what stands in the policy's fields. */
type Setting = boolean | Readonly<Record<string, string>>;

interface RegistryValue {
  key: string;
  name: string;
  type: string;
  data: string;
}

/** What Group Policy writes, by the template's words. */
function valuesOf(policy: XmlElement, setting: Setting): RegistryValue[] {
  const { key = "", valueName } = policy.attributes;
  if (typeof setting === "boolean") {
    const [decimal] = elementsOf(policy, setting ? "enabledValue" : "disabledValue").flatMap((value) =>
      elementsOf(value, "decimal"),
    );
    if (valueName === undefined || decimal === undefined) throw new Error("it is none of on and off");
    const data = `0x${Number(decimal.attributes["value"]).toString(16)}`;
    return [{ key, name: valueName, type: "REG_DWORD", data }];
  }
  const fields = elementsOf(policy, "elements").flatMap(({ children }) => children);
  expect(Object.keys(setting).toSorted()).toEqual(idsOf(fields, "id"));
  return fields.map(({ name: kind, attributes, children }) => {
    const { id = "", valueName: name = "" } = attributes;
    const data = setting[id] ?? "";
    if (kind === "enum") {
      const offered = children.flatMap((item) => elementsOf(item, "string")).map(({ text }) => text);
      expect(offered).toContain(data);
    } else expect(kind).toBe("text");
    return { key: attributes["key"] ?? key, name, type: "REG_SZ", data };
  });
}

/** As reg.exe lists a key and what is below. */
function listed(values: readonly RegistryValue[]): string {
  const keys = [...new Set(values.map(({ key }) => key))].sort();
  const lines = keys.flatMap((key) => [
    "",
    `HKEY_LOCAL_MACHINE\\${key}`,
    ...values
      .filter((value) => value.key === key)
      .map(({ name, type, data }) => `    ${name}    ${type}    ${data}`),
  ]);
  return lines.join("\r\n");
}

/** A setting of each policy, and what the app has by it. */
const SAMPLES: Readonly<Record<keyof DesktopConfig, { setting: Setting; read: unknown }>> = {
  serverUrl: { setting: { ServerUrl: "wss://r.contoso.com/v1/agent" }, read: "wss://r.contoso.com/v1/agent" },
  allowPlainHttp: { setting: true, read: true },
  caFile: { setting: { CaFile: "/etc/ca.pem" }, read: "/etc/ca.pem" },
  proxy: { setting: { Proxy: "http://proxy:8080" }, read: "http://proxy:8080" },
  proxyCredentials: {
    setting: { ProxyCredentials_Username: "desk", ProxyCredentials_Password: "1" },
    read: { username: "desk", password: "1" },
  },
  enrollmentToken: { setting: { EnrollmentToken: "0123" }, read: "0123" },
  agent: { setting: { Agent: "ann@contoso.com" }, read: "ann@contoso.com" },
  device: { setting: { Device: "7" }, read: "7" },
  dataDir: { setting: { DataDir: "/data" }, read: "/data" },
  notice: { setting: { Notice: "start" }, read: "start" },
  autostart: { setting: false, read: false },
  noticeUrl: {
    setting: { NoticeUrl: "https://contoso.com/recordings" },
    read: "https://contoso.com/recordings",
  },
};

test("there is a policy for each key of the desktop's configuration, and for nothing else", () => {
  const keys = Object.keys(configSchema("/").parse({}).desktop);
  const names = keys.map((key) => key.charAt(0).toUpperCase() + key.slice(1));
  expect(idsOf(policies, "name")).toEqual(names.toSorted());
});

test("the app reads from the registry what each policy writes into it", () => {
  const values = Object.entries(SAMPLES).flatMap(([key, { setting }]) => {
    const policy = policies.find(({ attributes }) => attributes["name"]?.toLowerCase() === key.toLowerCase());
    if (policy === undefined) throw new Error(`there is no policy for ${key}`);
    return valuesOf(policy, setting);
  });
  const layers = readManagedSettings({
    platform: "win32",
    readText: () => null,
    run: (_, args) => (args[1] === "HKLM\\SOFTWARE\\Policies\\Deskreel" ? listed(values) : null),
  });
  const { desktop } = loadConfig(undefined, {}, "/nowhere", layers);
  expect(desktop).toEqual(Object.fromEntries(Object.entries(SAMPLES).map(([key, { read }]) => [key, read])));
});

test.each(["en-US", "de-DE"])("%s has every text and every form that is used, and no other", (culture) => {
  const adml = templateOf(`${culture}/Deskreel.adml`);
  const used = (pattern: RegExp) =>
    [
      ...new Set([...(policyTemplates()["Deskreel.admx"] ?? "").matchAll(pattern)].map(([, id = ""]) => id)),
    ].toSorted();
  const ids = (name: string) => idsOf(elementsOf(adml, name), "id");
  expect(ids("string")).toEqual(used(/\$\(string\.(\w+)\)/g));
  expect(ids("presentation")).toEqual(used(/\$\(presentation\.(\w+)\)/g));
  expect(elementsOf(adml, "string").filter(({ text }) => text.trim() === "")).toEqual([]);
  // Each form has a control for each of its policy's fields.
  for (const presentation of elementsOf(adml, "presentation")) {
    const policy = policies.find(({ attributes }) => attributes["name"] === presentation.attributes["id"]);
    const fields = policy?.children.find(({ name }) => name === "elements")?.children ?? [];
    expect(presentation.children.map(({ attributes }) => attributes["refId"])).toEqual(
      fields.map(({ attributes }) => attributes["id"]),
    );
  }
});

test("references within the template lead somewhere, and each policy is the machine's, below its own key", () => {
  const names = (element: string) => elementsOf(admx, element).map(({ attributes }) => attributes["name"]);
  for (const policy of policies) {
    expect(policy.attributes["class"]).toBe("Machine");
    expect(policy.attributes["key"]).toBe("Software\\Policies\\Deskreel");
    const [category, supported] = policy.children;
    expect([category?.name, supported?.name]).toEqual(["parentCategory", "supportedOn"]);
    expect(names("category")).toContain(category?.attributes["ref"]);
    expect(names("definition")).toContain(supported?.attributes["ref"]);
  }
  // Without another template Intune takes it alone.
  expect(elementsOf(admx, "using")).toEqual([]);
});
