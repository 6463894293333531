import { expect, test } from "vitest";
import { webhookAddress } from "./webhook-address.ts";

const ONLINE = "https://contoso.crm4.dynamics.com";
const SIMULATED = "http://127.0.0.1:7600";

test.each([
  ["https://deskreel.contoso.com", ONLINE, "Deskreel deskreel.contoso.com", "https://deskreel.contoso.com"],
  ["https://deskreel.contoso.com/", ONLINE, "Deskreel deskreel.contoso.com", "https://deskreel.contoso.com"],
  [
    "https://Deskreel.contoso.com:443",
    ONLINE,
    "Deskreel deskreel.contoso.com",
    "https://deskreel.contoso.com",
  ],
  [
    "https://proxy.contoso.com/rec/",
    ONLINE,
    "Deskreel proxy.contoso.com/rec",
    "https://proxy.contoso.com/rec",
  ],
  ["http://127.0.0.1:7400", SIMULATED, "Deskreel 127.0.0.1:7400", "http://127.0.0.1:7400"],
])("%s is an address for %s", (base, environment, name, before) => {
  expect(webhookAddress(base, environment)).toEqual({ name, url: `${before}/v1/dataverse-webhook` });
});

test.each([
  ["deskreel.contoso.com", ONLINE, "is no https URL"],
  ["ftp://deskreel.contoso.com", ONLINE, "is no https URL"],
  ["http://deskreel.contoso.com", ONLINE, "must be https"],
  ["https://deskreel.contoso.com:7400", ONLINE, "posts to ports 80 and 443 only"],
  ["https://deskreel.contoso.com?code=x", ONLINE, "no user, query or fragment"],
  ["https://user:word@deskreel.contoso.com", ONLINE, "no user, query or fragment"],
  ["https://deskreel.contoso.com/v1/dataverse-webhook", ONLINE, "must end before /v1/dataverse-webhook"],
  ["http://127.0.0.1:7400", ONLINE, "is a loopback address"],
])("%s is none for %s: %s", (base, environment, words) => {
  expect(() => webhookAddress(base, environment)).toThrow(words);
});
