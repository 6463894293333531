import { afterAll, beforeAll, expect, test } from "vitest";
import { bundleReplay } from "../../../build/bundle-replay.ts";
import { openPageRig, type PageRig } from "./rig/page-rig.ts";
import { type ReplayRig, TOKENS } from "./rig/replay-rig.ts";

let opened: PageRig;
let rig: ReplayRig;

beforeAll(async () => {
  opened = await openPageRig(bundleReplay);
  ({ rig } = opened);
});

afterAll(async () => {
  await opened[Symbol.asyncDispose]();
});

async function api<Answer>(path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { Authorization: `Bearer ${TOKENS.admin}`, "Content-Type": "application/json" };
  const response = await fetch(`${rig.url}${path}`, { ...init, headers });
  return (await response.json()) as Answer;
}

interface Listed {
  items: { name: string; role: string; teams: string[]; disabled: boolean }[];
}

test("an admin makes a team and an account for it, whose password is shown once and works", async () => {
  await using watched = await opened.signIn("admin");
  const { page, faults } = watched;
  await page.getByRole("link", { name: "Accounts" }).click();

  await page.getByRole("button", { name: "Add a team" }).click();
  await page.getByLabel("Name of New team").fill("Billing");
  await page.getByLabel("Agents of Billing").fill("ann@contoso.com\nbob@contoso.com");
  await page.getByRole("button", { name: "Save teams" }).click();
  await page.getByRole("status").getByText("Teams are saved.").waitFor();
  const teams = await api<{ items: { id: string; agents: string[] }[] }>("/v1/teams");
  expect(teams.items.map(({ agents }) => agents)).toEqual([["ann@contoso.com", "bob@contoso.com"]]);

  await page.getByLabel("Name, e.g. the e-mail address").fill("Sue@contoso.com");
  const form = page.getByRole("form", { name: "Add an account" });
  await form.getByLabel("Billing").check();
  await form.getByRole("button", { name: "Add" }).click();
  const password = await page.locator(".handover code").textContent();
  await page.getByRole("button", { name: "Disable sue@contoso.com" }).waitFor();
  const { items } = await api<Listed>("/v1/accounts");
  expect(items).toMatchObject([
    { name: "sue@contoso.com", role: "supervisor", teams: [teams.items[0]?.id], disabled: false },
  ]);
  const signIn = await fetch(`${rig.url}/sign-in`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Origin: rig.url, "Sec-Fetch-Site": "same-origin" },
    body: JSON.stringify({ name: "sue@contoso.com", password }),
  });
  expect([signIn.status, await signIn.json()]).toMatchObject([
    200,
    { role: "supervisor", mustChangePassword: true },
  ]);
  await page.getByRole("button", { name: "Done" }).click();
  await expect.poll(() => page.locator(".handover").count()).toBe(0);

  await page.getByRole("button", { name: "Disable sue@contoso.com" }).click();
  await page.getByRole("button", { name: "Enable sue@contoso.com" }).waitFor();
  expect((await api<Listed>("/v1/accounts")).items[0]?.disabled).toBe(true);
  expect(faults).toEqual([]);
});

test("what the server refuses is said, and changes nothing", async () => {
  await api("/v1/accounts", { method: "POST", body: JSON.stringify({ name: "boss", role: "admin" }) });
  await using watched = await opened.signIn("admin");
  const { page } = watched;
  await page.goto(`${rig.url}/accounts`);
  await page.getByRole("button", { name: "Remove boss" }).click();
  const dialog = page.getByRole("dialog", { name: "Remove the account boss?" });
  await dialog.getByRole("button", { name: "Remove" }).click();
  await dialog.getByRole("alert").getByText("boss is the last admin").waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  const { items } = await api<Listed>("/v1/accounts");
  expect(items.map(({ name }) => name)).toContain("boss");
});
