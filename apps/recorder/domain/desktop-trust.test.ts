import fc from "fast-check";
import { expect, test } from "vitest";
import { admissionOf, doubtAbout, type EnrolledDesktop } from "./desktop-trust.ts";

/** Ann's first desktop. */
const OFFICE: EnrolledDesktop = {
  id: "A",
  device: "PC-1",
  osUser: "ann",
  state: "active",
  enrolmentOrder: 1,
  isAfterRevocation: false,
  agent: "ann@contoso.com",
  agentOrder: 2,
  isAssigned: false,
  isApproved: false,
};
const HOME: EnrolledDesktop = { ...OFFICE, id: "B", device: "HOME-PC", enrolmentOrder: 3, agentOrder: 4 };
const INSTALLED_ANEW: EnrolledDesktop = { ...OFFICE, id: "C", enrolmentOrder: 5, agentOrder: 6 };
const REVOKED: EnrolledDesktop = { ...OFFICE, state: "revoked" };
const AFTER: EnrolledDesktop = { ...INSTALLED_ANEW, isAfterRevocation: true };

test.each<[string, EnrolledDesktop, EnrolledDesktop[], ReturnType<typeof doubtAbout>]>([
  ["the only desktop of an agent", OFFICE, [], null],
  ["the first of two devices", OFFICE, [HOME], null],
  ["the second of two devices", HOME, [OFFICE], "second-device"],
  ["a device beside one of another agent", HOME, [{ ...OFFICE, agent: "bob@contoso.com" }], null],
  ["a device that has not said whose it is", { ...HOME, agent: null, agentOrder: null }, [OFFICE], null],
  ["a device beside one that waits itself", HOME, [{ ...OFFICE, state: "pending" }], null],
  ["a device after the other one was revoked", HOME, [REVOKED], null],
  ["a second device that was approved", { ...HOME, isApproved: true }, [OFFICE], null],
  ["a second device that the alias file names", { ...HOME, isAssigned: true }, [OFFICE], null],
  // It was enrolled first, but became this agent's later.
  ["a device that has changed hands", { ...OFFICE, agentOrder: 9 }, [HOME], "second-device"],
  ["a second key on the same device", INSTALLED_ANEW, [OFFICE], "second-key"],
  ["the same in other letters", { ...INSTALLED_ANEW, device: "pc-1", osUser: "ANN" }, [OFFICE], "second-key"],
  [
    "a second key, though the alias file names the device",
    { ...INSTALLED_ANEW, isAssigned: true },
    [OFFICE],
    "second-key",
  ],
  [
    "a second key, before it says whose it is",
    { ...INSTALLED_ANEW, agent: null, agentOrder: null },
    [OFFICE],
    "second-key",
  ],
  ["a second key that was approved", { ...INSTALLED_ANEW, isApproved: true }, [OFFICE], null],
  ["a key after a revocation that was approved", { ...AFTER, isApproved: true }, [REVOKED], null],
  ["the first of two keys", OFFICE, [INSTALLED_ANEW], null],
  [
    "another OS user of the device",
    { ...INSTALLED_ANEW, osUser: "bob", agent: "bob@contoso.com" },
    [OFFICE],
    null,
  ],
  ["a key that comes after a revocation", AFTER, [REVOKED], "after-revocation"],
  ["a key whose predecessor was revoked since", INSTALLED_ANEW, [REVOKED], null],
  ["a key after a revocation and beside a second device", AFTER, [HOME, REVOKED], "after-revocation"],
])("%s", (_title, desktop, others, doubt) => {
  expect(doubtAbout(desktop, others)).toBe(doubt);
  expect(doubtAbout(desktop, [...others, desktop])).toBe(doubt);
});

test.each<[string, EnrolledDesktop, EnrolledDesktop[], "alarm" | "approve", "active" | "pending"]>([
  ["a first device works", OFFICE, [HOME], "approve", "active"],
  ["a second device works, with an alarm", HOME, [OFFICE], "alarm", "active"],
  ["a second device waits", HOME, [OFFICE], "approve", "pending"],
  [
    "a second device that was approved works",
    { ...HOME, isApproved: true, state: "pending" },
    [OFFICE],
    "approve",
    "active",
  ],
  ["a second key waits", INSTALLED_ANEW, [OFFICE], "approve", "pending"],
  [
    "one that waits does so even when the other is gone",
    { ...HOME, state: "pending" },
    [],
    "approve",
    "pending",
  ],
  [
    "one that waited works when the policy is another",
    { ...HOME, state: "pending" },
    [OFFICE],
    "alarm",
    "active",
  ],
  ["after a revocation it waits under every policy", AFTER, [REVOKED], "alarm", "pending"],
])("%s", (_title, desktop, others, policy, admission) => {
  expect(admissionOf(desktop, others, policy)).toBe(admission);
});

const desktops = fc
  .array(
    fc.record({
      device: fc.constantFrom("PC-1", "pc-1", "PC-2"),
      osUser: fc.constantFrom("ann", "bob"),
      state: fc.constantFrom("active" as const, "pending" as const, "revoked" as const),
      agent: fc.constantFrom("ann", "bob", null),
      agentOrder: fc.integer({ min: 0, max: 9 }),
      isAssigned: fc.boolean(),
      isApproved: fc.boolean(),
      isAfterRevocation: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((rows) =>
    rows.map(
      (row, index): EnrolledDesktop => ({
        ...row,
        id: String(index),
        enrolmentOrder: index,
        // Each on a count of its own, as the catalogue gives them.
        agentOrder: row.agent === null ? null : row.agentOrder + index / 10,
      }),
    ),
  );

test("of any desktops at least one is in no doubt, unless a key was revoked", () => {
  fc.assert(
    fc.property(desktops, (all) => {
      const live = all.filter(({ state }) => state !== "revoked");
      const doubts = live.map((desktop) => doubtAbout(desktop, all));
      if (live.length > 0 && doubts.every((doubt) => doubt !== null))
        expect(doubts).toContain("after-revocation");
    }),
  );
});

test("the order in which desktops are listed changes nothing, and an approval settles everything", () => {
  fc.assert(
    fc.property(desktops, fc.constantFrom("alarm" as const, "approve" as const), (all, policy) => {
      for (const desktop of all) {
        expect(doubtAbout(desktop, [...all].reverse())).toBe(doubtAbout(desktop, all));
        const approved = { ...desktop, isApproved: true };
        expect([doubtAbout(approved, all), admissionOf(approved, all, policy)]).toEqual([null, "active"]);
      }
    }),
  );
});

test("who waits under `alarm` waits under `approve` too", () => {
  fc.assert(
    fc.property(desktops, (all) => {
      for (const desktop of all)
        if (admissionOf(desktop, all, "alarm") === "pending")
          expect(admissionOf(desktop, all, "approve")).toBe("pending");
    }),
  );
});
