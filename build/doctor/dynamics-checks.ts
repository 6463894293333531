import { AccessTokenSource } from "#shared/dataverse/access-token.ts";
import { clockOffsetMs } from "#shared/dataverse/clock-offset.ts";
import type { DynamicsConfig } from "#shared/runtime/config-schema.ts";
import { describeError } from "#shared/runtime/errors.ts";
import { type Finding, findingsOf } from "./finding.ts";
import { checkSecretFile } from "./path-checks.ts";

const ANSWERS_WITHIN_MS = 10_000;
const MOST_OFFSET_MS = 1_000;

const group = findingsOf("Dynamics");
const { ok, warn, fail } = group;

/** Whether Dataverse is reached, lets this recorder in, and has the same time. */
export async function* checkDynamics(config: DynamicsConfig | undefined): AsyncGenerator<Finding> {
  if (config === undefined) {
    yield ok("configured", "no: call events come by POST only, and there is no audio");
    return;
  }
  const secret = { isMade: false, isJson: false, key: "dynamics.clientSecretFile" };
  yield await checkSecretFile(group, "client secret", config.clientSecretFile, secret);
  yield* checkClock(config.url);
  try {
    await new AccessTokenSource(config).get(AbortSignal.timeout(ANSWERS_WITHIN_MS));
    yield ok("sign-in", `${config.authority} gives a token`);
  } catch (error) {
    yield fail(
      "sign-in",
      describeError(error),
      "check tenantId, clientId and the secret; docs/DYNAMICS-SETUP.md",
    );
  }
}

/** The header is on every answer, also on a refusal, so no token is needed. */
async function* checkClock(url: string): AsyncGenerator<Finding> {
  try {
    const sentAt = Date.now();
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const response = await fetch(url, { method: "HEAD", redirect: "manual", signal });
    const answeredAt = Date.now();
    yield ok("reached", `${url} answers (${answeredAt - sentAt} ms)`);
    yield judgeClock(
      clockOffsetMs(response.headers.get("date"), { sentAt, answeredAt }),
      answeredAt - sentAt,
    );
  } catch (error) {
    yield fail(
      "reached",
      `${url} does not answer (${describeError(error)})`,
      "check the network and a proxy; calls are caught up with once it answers",
    );
  }
}

/**
 * @param offsetMs - how far Dataverse's clock is ahead of ours; null: it did not say.
 * @param tookMs - how long the answer took; the offset is exact to half of it.
 */
export function judgeClock(offsetMs: number | null, tookMs: number): Finding {
  if (offsetMs === null) return warn("clock", "Dataverse did not say what time it is", "try again");
  const size = `${(Math.abs(offsetMs) / 1_000).toFixed(1)} s ${offsetMs > 0 ? "behind" : "ahead of"} Dataverse`;
  if (Math.abs(offsetMs) - tookMs / 2 <= MOST_OFFSET_MS)
    return ok("clock", `this machine is within a second of Dataverse`);
  return warn(
    "clock",
    `this machine is ${size}: calls are placed wrongly in time`,
    "set it by NTP: timedatectl set-ntp true",
  );
}
