import { expect, test } from "vitest";
import { renderViewer, VIEWED } from "./render-viewer.ts";

test("what a customer is called cannot become part of the page", () => {
  const evil = { call: { customer: "</script><script>alert(1)</script>$&" } };
  const artefacts = new Map([["peaks.json", '{"channels": ["</script>"]}']]);
  const page = renderViewer(
    `<script id="x">${VIEWED}</script>`,
    JSON.stringify(evil),
    "2026/a/v1",
    artefacts,
  );
  expect(page.match(/<\/?script/g)).toHaveLength(2);
  const [, text = ""] = />(.*)</s.exec(page) ?? [];
  expect(JSON.parse(text)).toEqual({
    ...{ manifest: evil, folder: "2026/a/v1/" },
    artefacts: { "peaks.json": { channels: ["</script>"] } },
  });
});
