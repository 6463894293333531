import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Log, silentLog } from "#shared/runtime/log.ts";
import type { Clock } from "#shared/time/wall-clock.ts";
import { type CallBuffer, openCallBuffer } from "../../call-buffer/call-buffer.ts";
import type { SecondDevicePolicy } from "../../domain/desktop-trust.ts";
import { DesktopRegistry } from "../../trust/desktop-registry.ts";
import { EnrolmentTokens } from "../../trust/enrolment-tokens.ts";

export const SITE_TOKEN = "an-enrolment-token";

/** What the channel goes by, with a real catalogue. */
export interface TestTrust extends AsyncDisposable {
  readonly buffer: CallBuffer;
  readonly tokens: EnrolmentTokens;
  readonly registry: DesktopRegistry;
}

export async function openTestTrust(
  clock: Clock,
  secondDevice: SecondDevicePolicy = "alarm",
  log: Log = silentLog(),
): Promise<TestTrust> {
  const folder = await mkdtemp(join(tmpdir(), "deskreel-trust-"));
  const buffer = await openCallBuffer(folder);
  const tokens = new EnrolmentTokens({ buffer, siteToken: SITE_TOKEN, clock, log });
  const onMerged = () => () => {};
  const registry = new DesktopRegistry({ buffer, tokens, secondDevice, onMerged, clock, log });
  return {
    ...{ buffer, tokens, registry },
    async [Symbol.asyncDispose]() {
      registry[Symbol.dispose]();
      buffer[Symbol.dispose]();
      await rm(folder, { recursive: true });
    },
  };
}
