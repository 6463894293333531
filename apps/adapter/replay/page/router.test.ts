import { expect, test } from "vitest";
import { pathOf, placeOf } from "./router.ts";

test("the address says what is shown", () => {
  expect(placeOf("/")).toEqual({ view: "list" });
  expect([placeOf("/coverage"), placeOf("/audit")]).toEqual([{ view: "coverage" }, { view: "audit" }]);
  expect(placeOf("/interactions/A1C2-3")).toEqual({ view: "player", interactionId: "a1c2-3" });
  expect(placeOf(pathOf("a1c2-3"))).toEqual({ view: "player", interactionId: "a1c2-3" });
});

test("any other address is nowhere", () => {
  for (const path of ["/v1/interactions/a", "/interactions/", "/interactions/a/b", "/interactions/a%2Fb"])
    expect(placeOf(path)).toEqual({ view: "nowhere" });
});
