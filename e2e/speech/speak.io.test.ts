import { expect, test } from "vitest";
import { SAMPLE_RATE } from "./pcm.ts";
import { speak, speakLines } from "./speak.ts";

test("a line is spoken, the same way each time, and differently by each voice", async () => {
  const text = "Good morning.";
  const agent = await speak("agent", text);
  expect(agent.length).toBeGreaterThan(SAMPLE_RATE / 2);
  expect(Math.max(...agent)).toBeGreaterThan(5_000);
  expect(await speak("agent", text)).toEqual(agent);
  expect(await speak("customer", text)).not.toEqual(agent);
});

test("lines fill exactly the length of the part", async () => {
  const lines = [
    { voice: "agent", text: "Good morning." },
    { voice: "customer", text: "Good morning to you." },
  ] as const;
  expect((await speakLines(lines, 10_000)).length).toBe(10 * SAMPLE_RATE);
  expect((await speakLines(lines, 500)).length).toBe(SAMPLE_RATE / 2);
});

test("a machine without espeak-ng is told what to install", async () => {
  const path = process.env["PATH"];
  try {
    process.env["PATH"] = "/nowhere";
    await expect(speak("agent", `not spoken before ${crypto.randomUUID()}`)).rejects.toMatchObject({
      code: "NO_SPEECH",
      message: expect.stringContaining("apt install espeak-ng") as string,
    });
  } finally {
    process.env["PATH"] = path;
  }
});
