import { describe, expect, test } from "vitest";
import { AliasFileError, parseAliases } from "./aliases.ts";

function problemsOf(text: string): string[] {
  try {
    parseAliases(text);
    return [];
  } catch (error) {
    if (!(error instanceof AliasFileError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
}

describe("an alias file", () => {
  test("connects names and says whose shared accounts and desks are", () => {
    const text = String.raw`
agents:
  - agent: Ann@contoso.com
    names: [CONTOSO\ann, aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb]
desktops:
  - { device: PC-0815, osUser: Kiosk, agent: bob@contoso.com }
  - { device: PC-0815, agent: CAROL@contoso.com }
`;
    expect(parseAliases(text)).toEqual({
      agents: [["ann@contoso.com", "contoso\\ann", "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb"]],
      desktops: [
        { device: "pc-0815", osUser: "kiosk", agent: "bob@contoso.com" },
        { device: "pc-0815", osUser: null, agent: "carol@contoso.com" },
      ],
    });
  });

  test.each(["", "# nothing yet\n", "agents:\ndesktops:\n", "agents: []"])("may say nothing: %j", (text) => {
    expect(parseAliases(text)).toEqual({ agents: [], desktops: [] });
  });

  test("is refused with every fault by name", () => {
    const text = `
agents:
  - { agent: "", names: [] }
  - { names: [b], alias: c }
desktops:
  - { device: 815, agent: ann }
people: []
`;
    expect(problemsOf(text)).toEqual([
      "/agents/0/agent: must not be empty",
      "/agents/0/names: must name at least one",
      "/agents/1/agent: Invalid input: expected string, received undefined",
      "/agents/1/alias: unknown field",
      "/desktops/0/device: Invalid input: expected string, received number",
      "/people: unknown field",
    ]);
  });

  test("is refused when it says a name or a place twice, whatever the case: no entry silently wins", () => {
    const text = String.raw`
agents:
  - { agent: ann@contoso.com, names: [CONTOSO\ann] }
  - { agent: bob@contoso.com, names: [contoso\ANN, Ann@contoso.com] }
desktops:
  - { device: PC-1, agent: ann@contoso.com }
  - { device: pc-1, agent: bob@contoso.com }
  - { device: PC-1, osUser: kiosk, agent: bob@contoso.com }
  - { device: PC-1, osUser: KIOSK, agent: ann@contoso.com }
`;
    expect(problemsOf(text)).toEqual([
      "/agents/1/names/0: says contoso\\ann again, after /agents/0/names/0",
      "/agents/1/names/1: says ann@contoso.com again, after /agents/0/agent",
      "/desktops/1: says pc-1 again, after /desktops/0",
      "/desktops/3: says pc-1 with kiosk again, after /desktops/2",
    ]);
  });

  test("is refused when YAML has eaten the backslash of a name", () => {
    expect(problemsOf('agents: [{ agent: "CONTOSO\\bob", names: [b] }]')).toEqual([
      "/agents/0/agent: has a control character; write names with a backslash without double quotes",
    ]);
  });

  test.each(["agents: [", "agents: []\nagents: []", "- a\n- b", "just text"])(
    "that is no such file: %j",
    (text) => {
      expect(problemsOf(text)).toHaveLength(1);
    },
  );
});
