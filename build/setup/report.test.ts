import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Report } from "./report.mjs";

function reportTo(terminal: { isTTY: boolean; columns?: number }) {
  const stream = Object.assign(new PassThrough(), terminal);
  return { report: new Report(stream), said: () => String(stream.read() ?? "") };
}

test("without a terminal a task is a line at its start and one at its end", () => {
  const { report, said } = reportTo({ isTTY: false });
  const task = report.task("npm packages");
  task.update("half");
  task.done();
  expect(said().replace(/\d+\.\d s/, "N s")).toBe(
    "[set-up] npm packages\n[set-up] npm packages: done (N s)\n",
  );
});

test("on a terminal a task is one line that changes in place and is never wider than the terminal", () => {
  const { report, said } = reportTo({ isTTY: true, columns: 24 });
  const task = report.task("worker");
  task.update("compiling 1/280");
  task.failed();
  report.say("stopped");
  expect(said()).toBe(
    ["[set-up] worker", "[set-up] worker: compil", "[set-up] worker: failed"]
      .map((line) => `\r\u001B[K${line}`)
      .join("") + "\n[set-up] stopped\n",
  );
});
