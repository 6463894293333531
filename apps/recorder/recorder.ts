import { DataverseClient } from "#shared/dataverse/dataverse-client.ts";
import { openCertificate } from "#shared/http/certificate.ts";
import { listenHttp } from "#shared/http/listen.ts";
import type { Config, RecorderConfig } from "#shared/runtime/config-schema.ts";
import type { Log } from "#shared/runtime/log.ts";
import { openTokensFile } from "#shared/runtime/tokens-file.ts";
import type { SteadyClock } from "#shared/time/wall-clock.ts";
import { AgentDirectory } from "./agents/agent-directory.ts";
import { AliasFile } from "./agents/alias-file.ts";
import { DesktopOwners } from "./agents/desktop-owners.ts";
import { PauseControl } from "./agents/pause-control.ts";
import { BufferSpace } from "./call-buffer/buffer-space.ts";
import { openCallBuffer } from "./call-buffer/call-buffer.ts";
import { KeepingClock } from "./call-buffer/keeping-clock.ts";
import { CaptureCoordinator } from "./capture/coordinator.ts";
import { openDesktopChannel } from "./channel/desktop-channel.ts";
import { AckedRetention } from "./control/acked-retention.ts";
import { BufferCheck } from "./control/buffer-check.ts";
import { noteClockSteps } from "./control/clock-steps.ts";
import { RecordingControl } from "./control/recording-control.ts";
import { SpaceGuard } from "./control/space-guard.ts";
import { spaceLimits } from "./domain/space-policy.ts";
import { createEvidenceLookUp } from "./dynamics/evidence-look-up.ts";
import { DynamicsEvents } from "./dynamics/dynamics-events.ts";
import { createApi } from "./http/api.ts";
import { createMetrics } from "./http/metrics.ts";
import { createOps } from "./http/ops.ts";
import { TOKEN_NAMES } from "./http/scopes.ts";
import { startMediaServer } from "./media/media-server.ts";
import { recoverSegments } from "./scn/recovery/recover-buffer.ts";
import { SegmentDisk } from "./scn/segment-disk.ts";
import { createTrackWriter } from "./scn/track-writer.ts";
import { DesktopRegistry } from "./trust/desktop-registry.ts";
import { EnrolmentTokens } from "./trust/enrolment-tokens.ts";

/** A running recorder; disposing seals what is open and lets go of everything. */
export interface Recorder extends AsyncDisposable {
  /** e.g. `http://127.0.0.1:7400` */
  readonly url: string;
  readonly opsUrl: string;
  /** What desktops capture from now on, and how. */
  setCapturePolicy(policy: RecorderConfig["capture"]): void;
  /** Resolves when the recorder cannot go on; then it is to be disposed of. */
  readonly failed: Promise<Error>;
}

/**
 * Opens everything that a recorder consists of, in order; whatever fails, what was opened before is closed again.
 *
 * @param openMedia - a soak has a media side that needs no browser.
 * @throws DeskreelError `BAD_CONFIG`, `BUFFER_UNUSABLE`, `BUFFER_IN_USE`, `BUFFER_TOO_NEW`, `BAD_TOKENS_FILE`, `BAD_CERTIFICATE`,
 *   `PORT_TAKEN`, `CANNOT_LISTEN`, `MEDIA_WORKER_MISSING`, `MEDIA_WORKER_FAILED`
 */
export async function startRecorder(
  { recorder: config, dynamics }: Pick<Config, "recorder" | "dynamics">,
  log: Log,
  clock: SteadyClock,
  openMedia: typeof startMediaServer = startMediaServer,
): Promise<Recorder> {
  await using opening = new AsyncDisposableStack();
  const { promise: failed, resolve: fail } = Promise.withResolvers<Error>();

  const buffer = opening.use(await openCallBuffer(config.bufferDir, log));
  void buffer.failed.then(fail);
  // Before captures go on: the gap of the restart begins where the last picture ends.
  await recoverSegments(buffer, log);
  const tokens = await openTokensFile(config.tokensFile, TOKEN_NAMES);
  const metrics = createMetrics(buffer);
  opening.use(noteClockSteps({ clock, buffer, metrics, log }));
  const media = opening.use(
    await openMedia(config.webrtc, log, clock, () => metrics.countMediaWorkerRestart()),
  );
  /** Null: no Dynamics, events come by POST only. */
  const dataverse = dynamics === undefined ? null : new DataverseClient(dynamics, clock);
  const names = opening.use(new AgentDirectory({ buffer, clock, log }));
  const owners = new DesktopOwners(names);
  const limits = spaceLimits(config.buffer);
  const meter = opening.use(new BufferSpace(config.bufferDir, limits.quotaBytes !== null));
  const keeping = new KeepingClock(clock, buffer.clockShift);
  const { keepAckedH: keepHours } = config.buffer;
  const retention = opening.use(new AckedRetention({ keepHours, buffer, clock, keeping, log }));
  const eraseDue = () => retention.eraseDue();
  const space = opening.use(new SpaceGuard({ folder: config.bufferDir, meter, limits, eraseDue, log }));
  metrics.watchSpace(space);
  const disk = new SegmentDisk();
  const coordinator = opening.use(
    new CaptureCoordinator({
      store: {
        catalogue: buffer.capture,
        createTrackWriter: (options) => createTrackWriter(space.watch(options), disk),
        bufferDir: config.bufferDir,
        segmentS: config.buffer.segmentS,
        clock,
      },
      media,
      policy: config.capture,
      log,
      onFirstFrame({ recordingId, orderedAt }, writtenAt) {
        const latencyMs = Math.round(writtenAt - orderedAt);
        const isFirst = buffer.note(() => buffer.legs.noteFirstFrame(recordingId, latencyMs));
        if (isFirst) metrics.observeFirstFrame(latencyMs);
      },
    }),
  );
  metrics.watchDesktops(coordinator);
  const reassign = () => coordinator.reassign((desktop) => owners.ownerOf(desktop));
  names.onMerged(reassign);
  const path = config.aliasFile;
  const aliases = opening.use(new AliasFile({ path, buffer, names, owners, clock, log, onChange: reassign }));
  const { maxPauseS } = config.lifecycle;
  // Before captures go on: what is paused stays so.
  const pauses = opening.use(
    new PauseControl({ buffer, capture: coordinator, names, clock, log, maxPauseS }),
  );
  const control = opening.use(
    new RecordingControl({
      buffer,
      capture: coordinator,
      clock,
      log,
      lifecycle: config.lifecycle,
      policy: config.policy,
      lookUpEvidence:
        dynamics === undefined || dataverse === null
          ? null
          : createEvidenceLookUp({ client: dataverse, names, mapping: dynamics.mapping, log }),
    }),
  );
  // Before captures go on: where there is no room they do not.
  await space.start(coordinator);
  control.resume();
  const files = opening.use(new BufferCheck({ buffer, clock, log }));
  metrics.watchFiles(files);
  files.start();
  const events =
    dataverse === null || dynamics === undefined || dynamics.events === "none"
      ? null
      : opening.use(
          new DynamicsEvents({
            config: { ...dynamics, events: dynamics.events },
            ...{ client: dataverse, buffer, control, names, metrics, clock, log },
          }),
        );
  events?.start();

  const enrolmentTokens = new EnrolmentTokens({ buffer, siteToken: tokens.enrollment, clock, log });
  const { secondDevice } = config.desktops;
  const registry = opening.use(
    new DesktopRegistry({
      ...{ buffer, tokens: enrolmentTokens, secondDevice, clock, log },
      onMerged: (listener) => names.onMerged(listener),
    }),
  );
  const allowedHosts = [config.http.host, ...config.allowedHosts];
  const api = createApi({
    buffer,
    control,
    directory: coordinator,
    space,
    names,
    pauses,
    registry,
    enrolmentTokens,
    webhook: events,
    tokens,
    allowedHosts,
    metrics,
    clock,
    keeping,
    log,
  });
  const certificate = opening.use(await openCertificate(config.http, log));
  const http = opening.use(await listenHttp("the recorder", config.http, api, certificate));
  // Closed before the listener, which waits for every socket of its own to end.
  const channel = opening.use(
    openDesktopChannel({
      coordinator,
      ownerOf: (desktop) => owners.ownerOf(desktop),
      isAssigned: (desktop) => owners.isAssigned(desktop),
      trust: registry,
      routerRtpCapabilities: media.routerRtpCapabilities,
      allowedHosts,
      clock,
      log,
    }),
  );
  channel.attach(http.server);
  const opsApp = createOps({
    buffer,
    metrics,
    mediaFault: () => media.fault,
    aliasFault: () => aliases.fault,
    spaceAlarm: () => space.alarm,
    filesState: () => files.state,
    dynamicsChecks: () => events?.checks() ?? [],
    allowedHosts,
    log,
  });
  const opsCertificate = opening.use(await openCertificate(config.ops, log));
  const ops = opening.use(
    await listenHttp("the recorder's ops listener", config.ops, opsApp, opsCertificate),
  );
  const { bufferDir, tokensFile } = config;
  log.info(
    { url: http.url, opsUrl: ops.url, dynamics: dataverse?.base ?? null, bufferDir, tokensFile },
    "recorder started",
  );

  const opened = opening.move();
  return {
    url: http.url,
    opsUrl: ops.url,
    failed,
    setCapturePolicy: (policy) => coordinator.setPolicy(policy),
    async [Symbol.asyncDispose]() {
      await opened.disposeAsync();
      log.info("recorder stopped");
    },
  };
}
