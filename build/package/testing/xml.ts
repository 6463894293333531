/** An element of XML; namespaces are a part of its names, as written. */
export interface XmlElement {
  name: string;
  attributes: Readonly<Record<string, string>>;
  children: readonly XmlElement[];
  /** What stands in it beside its elements. */
  text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
const NAME = "[A-Za-z_][\\w.:-]*";
const TOKEN = new RegExp(
  `<!--(?:(?!--)[^])*-->|<\\?xml [^?]*\\?>|<(?<close>/)?(?<name>${NAME})(?<attributes>(?:\\s+${NAME}="[^"<]*")*)\\s*(?<empty>/)?>|(?<text>[^<]+)`,
  "y",
);

/**
 * Reads XML of the kind that we write: a declaration, comments, elements, attributes in double quotes, the five entities.
 *
 * @throws Error where it is not well-formed, or is of another kind.
 */
export function parseXml(source: string): XmlElement {
  const root = { name: "", attributes: {}, children: [] as XmlElement[], text: "" };
  const open = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(source);
    const inner = open.at(-1);
    if (found === null || inner === undefined)
      throw new Error(`not well-formed at ${at}: ${source.slice(at, at + 40)}`);
    const { close, name, attributes, empty, text } = found.groups ?? {};
    if (text !== undefined) inner.text += unescapeXml(text);
    else if (name !== undefined && close !== undefined) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> at ${at} closes nothing`);
    } else if (name !== undefined) {
      const element = { name, attributes: attributesOf(attributes ?? ""), children: [], text: "" };
      inner.children.push(element);
      if (empty === undefined) open.push(element);
    }
  }
  const [only, ...more] = root.children;
  if (open.length !== 1 || only === undefined || more.length > 0 || root.text.trim() !== "")
    throw new Error("not one element, closed");
  return only;
}

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const [, name = "", value = ""] of text.matchAll(new RegExp(`(${NAME})="([^"]*)"`, "g"))) {
    if (name in attributes) throw new Error(`${name} is there twice`);
    attributes[name] = unescapeXml(value);
  }
  return attributes;
}

function unescapeXml(text: string): string {
  return text.replaceAll(/&([^;]*;)?/g, (entity, name: string | undefined) => {
    const letter = ENTITIES[name?.slice(0, -1) ?? ""];
    if (letter === undefined) throw new Error(`${entity} is no entity`);
    return letter;
  });
}

/** All elements of a name, at any depth. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [
    ...(child.name === name ? [child] : []),
    ...elementsOf(child, name),
  ]);
}
