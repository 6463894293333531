import { expect, test } from "vitest";
import { AuditCheck, type AuditAnchor, type AuditEntry, auditHash } from "./audit-entry.ts";

const COUNT = 6;

/** A whole log, each entry with its hash. */
function makeLog(count = COUNT, detail = (number: number) => `detail ${number}`): AuditEntry[] {
  const log: AuditEntry[] = [];
  for (let number = 1; number <= count; number += 1) {
    const entry: Omit<AuditEntry, "sha256"> = {
      number,
      at: number * 1_000,
      who: "admin",
      action: "viewed",
      interactionId: "call-1",
      detail: detail(number),
      sequence: null,
      previous: log.at(-1)?.sha256 ?? null,
    };
    log.push({ ...entry, sha256: auditHash(entry) });
  }
  return log;
}

function entryOf(log: readonly AuditEntry[], number: number): AuditEntry {
  const entry = log.find((one) => one.number === number);
  if (entry === undefined) throw new RangeError(`no entry ${number}`);
  return entry;
}

const withHash = (entry: AuditEntry): AuditEntry => ({ ...entry, sha256: auditHash(entry) });

function faultsOf(log: readonly AuditEntry[], anchors: readonly AuditAnchor[] = []): string[] {
  const faults: string[] = [];
  const check = new AuditCheck(anchors, ({ number, fault }) => void faults.push(`${number} ${fault}`));
  for (const entry of log) check.see(entry);
  check.finish();
  return faults;
}

const log = makeLog();
const anchor = (entries: number): AuditAnchor => ({
  entries,
  sha256: entryOf(log, entries).sha256,
  sequence: 9,
});

test("a hash is over the entry's RFC 8785 JSON, so another program can check it", () => {
  const { previous, ...first } = entryOf(log, 1);
  expect(previous).toBeNull();
  // printf '%s' '{"action":"viewed","at":1000,"detail":"detail 1","format":"deskreel.audit/1","interactionId":"call-1","number":1,"previous":null,"sequence":null,"who":"admin"}' | sha256sum
  expect(first.sha256).toBe("3573d12e55b7d856e6d518e801b87260142b143d3b27cbb45e3b72e17ac632c7");
});

test("a whole log has no fault, whatever of it was signed", () => {
  expect(faultsOf([])).toEqual([]);
  expect(faultsOf(log, [anchor(2), anchor(6)])).toEqual([]);
});

test.each<[string, AuditEntry[], RegExp[]]>([
  [
    "is changed",
    log.map((entry) => (entry.number === 3 ? { ...entry, who: "nobody" } : entry)),
    [/^3 was changed: its content has sha256 /],
  ],
  [
    "is changed and given the hash of its new content",
    log.map((entry) => (entry.number === 3 ? withHash({ ...entry, who: "nobody" }) : entry)),
    [/^4 follows an entry with sha256 \w+, but entry 3 has /],
  ],
  ["is missing", log.filter(({ number }) => number !== 3), [/^3 is missing$/]],
  [
    "and the one after it are missing",
    log.filter(({ number }) => ![3, 4].includes(number)),
    [/^3 is missing to 4$/],
  ],
  ["is missing at the beginning", log.slice(1), [/^1 is missing$/]],
  [
    "is put in the place of another",
    [...log.slice(0, 2), withHash({ ...entryOf(log, 3), detail: "made up" }), ...log.slice(3)],
    [/^4 follows an entry with sha256 \w+, but entry 3 has /],
  ],
  [
    "is put in between, and those after it are numbered anew",
    [
      ...log.slice(0, 2),
      withHash({ ...entryOf(log, 3), detail: "made up" }),
      ...log.slice(2).map((entry) => ({ ...entry, number: entry.number + 1 })),
    ],
    [4, 5, 6, 7].map((number) => new RegExp(`^${number} was changed: `)),
  ],
])("an entry that %s is named", (_title, broken, faults) => {
  const found = faultsOf(broken);
  expect(found).toHaveLength(faults.length);
  for (const [index, fault] of faults.entries()) expect(found[index]).toMatch(fault);
});

test("an end that was cut off is whole by itself, and found by what was signed", () => {
  const cut = log.slice(0, 4);
  expect(faultsOf(cut)).toEqual([]);
  expect(faultsOf(cut, [anchor(2), anchor(5)])).toEqual([
    "5 is missing, its end was cut off: entry 9 of the archive's chain signed 5 entries",
  ]);
  expect(faultsOf([], [anchor(5)])).toHaveLength(1);
});

test("a log that was made anew is whole by itself, and found by what was signed", () => {
  const anew = makeLog(COUNT, (number) => (number === 2 ? "another" : `detail ${number}`));
  expect(faultsOf(anew)).toEqual([]);
  expect(faultsOf(anew, [anchor(5)])).toEqual([
    `5 has sha256 ${entryOf(anew, 5).sha256}, entry 9 of the archive's chain signed it with ${anchor(5).sha256}`,
  ]);
});
