import { isLoopback } from "#shared/runtime/config-schema.ts";
import { DeskreelError } from "#shared/runtime/errors.ts";

/** Where the recorder takes posts of Dataverse. */
const WEBHOOK_PATH = "/v1/dataverse-webhook";
/** Dataverse posts to no other ports (Microsoft, "Register a WebHook"). */
const PORTS = ["80", "443"];

/** Where Dataverse is to post, and the name under which that is registered. */
export interface WebhookAddress {
  /** e.g. `Deskreel deskreel.contoso.com`; another address is another registration. */
  name: string;
  url: string;
}

/**
 * Checks the recorder's public address for what Dataverse can reach.
 *
 * @param base - e.g. `https://deskreel.contoso.com`, with a path if a proxy has the recorder under one.
 * @param environment - the environment's URL; only one on this machine reaches loopback addresses.
 * @throws DeskreelError `BAD_WEBHOOK_URL` that says what is wrong with it.
 */
export function webhookAddress(base: string, environment: string): WebhookAddress {
  const refuse = (why: string) => new DeskreelError("BAD_WEBHOOK_URL", `the webhook's URL ${base} ${why}`);
  const url = URL.parse(base);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw refuse("is no https URL; give the recorder's public address, e.g. https://deskreel.contoso.com");
  }
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "") {
    throw refuse("must have no user, query or fragment; the key is added by Dynamics");
  }
  const path = url.pathname.replace(/\/+$/, "");
  if (path.endsWith(WEBHOOK_PATH)) throw refuse(`must end before ${WEBHOOK_PATH}, which is added to it`);
  if (!isLoopback(url.hostname)) {
    if (url.protocol === "http:") throw refuse("must be https, http is for loopback addresses only");
    if (url.port !== "" && !PORTS.includes(url.port)) {
      throw refuse(
        `has port ${url.port}, but Dataverse posts to ports 80 and 443 only; put a reverse proxy on 443 before the recorder`,
      );
    }
  } else if (!isLoopback(new URL(environment).hostname)) {
    throw refuse(
      `is a loopback address, which ${environment} cannot reach; give the recorder's public address`,
    );
  }
  return { name: `Deskreel ${url.host}${path}`, url: `${url.origin}${path}${WEBHOOK_PATH}` };
}
