import { hostname, userInfo } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { z } from "zod";
import { agentIdSchema } from "../api/identity.ts";
import { CODECS } from "../api/recording.ts";
import { s3CredentialsSchema } from "../archive/s3-credentials.ts";

const port = z.int("must be a whole number").min(0, "must be 0 to 65535").max(65_535, "must be 0 to 65535");
const host = z.string().min(1, "must be a host name or address");
const seconds = z.number("must be a number of seconds").positive("must be more than 0");
const code = z.int("must be an option's number").positive("must be an option's number");
const amountOrNone = z.number("must be a number").min(0, "must be 0 or more");
const budget = (message: string) => z.number(message).positive(message).nullable();
const secondsOrNone = z.number("must be a number of seconds").min(0, "must be 0 or more");

function webUrl(message: string) {
  return z.url({ protocol: /^https?$/, error: message }).refine((text) => {
    const url = URL.parse(text);
    return url === null || url.protocol === "https:" || isLoopback(url.hostname);
  }, "must be https, http is for loopback addresses only");
}

/** Whether a host name means this machine and nothing else. */
export function isLoopback(name: string): boolean {
  return name === "localhost" || name === "[::1]" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Never with a sign-in in it, which would be shown in messages. */
const PROXY = /^(system|direct|(https?|socks5):\/\/[^/\s@]+\/?)$/;

/** Keys of the archive that mean nothing for a folder. */
const S3_KEYS = [
  "endpoint",
  "region",
  "credentials",
  "credentialsFile",
  "encryption",
  "kmsKeyId",
  "objectLock",
] as const;

/**
 * The schema of the configuration file, every key with its default; unknown keys are errors.
 *
 * @param folder - what relative paths are resolved against.
 */
export function configSchema(folder: string) {
  const path = z
    .string("must be a path")
    .min(1, "must not be empty")
    .transform((text) => resolve(folder, text));
  const defaultPath = (text: string) => path.prefault(text);

  const listener = (defaultPort: number) =>
    z
      .strictObject({
        host: host.default("127.0.0.1"),
        port: port.default(defaultPort),
        /** PEM files; read again when they change. Null: plain HTTP. */
        tls: z.strictObject({ certFile: path, keyFile: path }).nullable().default(null),
        /** Plain HTTP for others than this machine: a proxy before it speaks TLS. */
        allowPlainHttp: z.boolean("must be true or false").default(false),
      })
      .superRefine((place, context) => {
        if (isLoopback(place.host) || place.tls !== null || place.allowPlainHttp) return;
        const message =
          "is not this machine alone, so it needs tls: { certFile, keyFile }; or, where a proxy before it speaks TLS, allowPlainHttp: true";
        context.addIssue({ code: "custom", path: ["host"], message, input: place.host });
      })
      .prefault({});

  const recorder = z.strictObject({
    http: listener(7400),
    ops: listener(7401),
    /** Names beside loopback and `http.host` that the Host header may carry. */
    allowedHosts: z.array(host).default([]),
    bufferDir: defaultPath("./data/buffer"),
    buffer: z
      .strictObject({
        segmentS: seconds.default(60),
        keepAckedH: secondsOrNone.default(72),
        reserveMb: amountOrNone.default(2048),
        /** Null and 0: as many as there are. */
        quotaMb: amountOrNone.nullable().default(null),
      })
      .prefault({}),
    tokensFile: defaultPath("./data/recorder-tokens.json"),
    /** Other names of agents, and whose a shared Windows account or desk is; null = none. */
    aliasFile: path.nullable().default(null),
    desktops: z
      .strictObject({
        /** What is done with a second device of an agent. */
        secondDevice: z.enum(["alarm", "approve"]).default("alarm"),
      })
      .prefault({}),
    policy: z
      .strictObject({
        minSessionS: secondsOrNone.default(0),
        samplePercent: z.number().min(0, "must be 0 to 100").max(100, "must be 0 to 100").default(100),
      })
      .prefault({}),
    webrtc: z
      .strictObject({
        listenIp: host.default("127.0.0.1"),
        announcedAddress: host.nullable().default(null),
        port: port.default(7410),
        workers: z
          .int()
          .min(1, "must be 1 to 64: mediasoup worker processes")
          .max(64, "must be 1 to 64: mediasoup worker processes")
          .default(1),
      })
      .refine(({ port, workers }) => port === 0 || port + workers - 1 <= 65_535, {
        message: "port + workers - 1 must be at most 65535: each worker has a port of its own",
      })
      .prefault({}),
    capture: z
      .strictObject({
        framesPerSecond: z.number().min(1, "must be 1 to 30").max(30, "must be 1 to 30").default(5),
        maxBitrateKbps: z
          .int()
          .min(1_000, "must be at least 1000: one key frame of dense text has 200 to 400 kB")
          .default(1200),
        codecs: z.array(z.enum(CODECS)).min(1).default(["vp9", "av1", "h264", "vp8"]),
        monitors: z.enum(["all", "primary"]).default("all"),
        whenLocked: z.enum(["pause", "record"]).default("pause"),
        budgets: z
          .strictObject({
            cpuPercent: budget("must be more than 0, in percent of one core, or null").default(40),
            uplinkKbps: budget("must be more than 0, in kbit/s, or null").default(2_000),
          })
          .prefault({}),
      })
      .prefault({}),
    lifecycle: z
      .strictObject({
        discardGraceS: secondsOrNone.default(10),
        unconfirmedHoldS: secondsOrNone.default(900),
        maxRingS: seconds.default(180),
        maxWrapUpS: seconds.default(900),
        maxSilenceS: seconds.default(14_400),
        maxRecordingS: seconds.default(28_800),
        maxStartAgeS: seconds.default(300),
        maxPauseS: seconds.default(900),
      })
      .prefault({}),
  });

  const adapter = z.strictObject({
    http: listener(7500),
    ops: listener(7501),
    allowedHosts: z.array(host).default([]),
    dataDir: defaultPath("./data/adapter"),
    tokensFile: defaultPath("./data/adapter-tokens.json"),
    /** Certificate authorities (PEM) that are trusted beside Node's and the operating system's. */
    caFile: path.nullable().default(null),
    recorders: z
      .array(z.strictObject({ url: webUrl("must be the recorder's http(s) URL"), tokenFile: path }))
      .min(1, "must name at least one recorder")
      .prefault([{ url: "http://127.0.0.1:7400", tokenFile: "./data/recorder-tokens.json" }]),
    archive: z
      .strictObject({
        url: z
          .string()
          .regex(/^(file:.+|s3:\/\/.+)$/, "must be file:FOLDER or s3://BUCKET/PREFIX")
          .default("file:./data/archive")
          .transform((text) => archiveUrl(folder, text)),
        /** Of the S3 server; null: Amazon's. */
        endpoint: webUrl("must be the S3 server's URL").nullable().default(null),
        region: z.string().min(1, "must not be empty").nullable().default(null),
        /** Null: as AWS' own tools take them. */
        credentials: s3CredentialsSchema.nullable().default(null),
        /** The same as JSON in a file. */
        credentialsFile: path.nullable().default(null),
        encryption: z.enum(["AES256", "aws:kms"]).nullable().default(null),
        kmsKeyId: z.string().min(1, "must not be empty").nullable().default(null),
        objectLock: z
          .strictObject({
            mode: z.enum(["GOVERNANCE", "COMPLIANCE"]),
            days: z.int("must be a whole number of days").positive("must be more than 0"),
          })
          .nullable()
          .default(null),
        /** The private key that manifests are signed with; made at first start. */
        signingKeyFile: defaultPath("./data/adapter-signing-key.pem"),
        /** The first rule that an interaction fits says how long it is kept; one that fits none is kept for ever. */
        retention: z
          .array(
            z.strictObject({
              /** Null: for ever. */
              olderThanDays: z
                .number("must be a number of days, or null")
                .positive("must be more than 0")
                .nullable(),
              queue: z.string().min(1, "must not be empty").exactOptional(),
              agent: agentIdSchema.exactOptional(),
              attributes: z.record(z.string(), z.string()).exactOptional(),
            }),
          )
          .default([]),
      })
      .superRefine((archive, context) => {
        const refuse = (key: string, message: string) =>
          context.addIssue({ code: "custom", path: [key], message });
        if (archive.url.startsWith("file:")) {
          for (const key of S3_KEYS)
            if (archive[key] !== null) refuse(key, "is for an archive in s3:// only");
        }
        if (archive.kmsKeyId !== null && archive.encryption !== "aws:kms")
          refuse("kmsKeyId", "needs encryption: aws:kms");
        if (archive.credentials !== null && archive.credentialsFile !== null)
          refuse("credentialsFile", "must not be given beside credentials");
      })
      .prefault({}),
    stitch: z
      .strictObject({
        readyAfterS: secondsOrNone.default(120),
        audioSettleS: secondsOrNone.default(60),
        audioTimeoutS: seconds.default(86_400),
        keepSourcesH: secondsOrNone.default(72),
      })
      .prefault({}),
    recovery: z
      .strictObject({
        /** How far back the nightly one looks; 0: there is none. */
        nightlyDays: z.int("must be a whole number of days").min(0, "must be 0 or more").default(3),
      })
      .prefault({}),
    access: z
      .strictObject({
        /** Accounts of the role agent see the interactions in which they took part. */
        agentsSeeOwn: z.boolean("must be true or false").default(false),
        /** And who has viewed and exported them. */
        agentsSeeWatchers: z.boolean("must be true or false").default(false),
        /** Proxies whose X-Forwarded-For and X-Forwarded-Proto count. */
        trustedProxies: z
          .array(
            z.union(
              [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
              "must be an IP address or a network like 10.0.0.0/8",
            ),
          )
          .default([]),
      })
      .refine(({ agentsSeeOwn, agentsSeeWatchers }) => agentsSeeOwn || !agentsSeeWatchers, {
        error: "needs agentsSeeOwn: true",
        path: ["agentsSeeWatchers"],
      })
      .prefault({}),
    /** Where the replay page's button places a simulated call; null = no button. Only `npm start` sets it. */
    placeCallUrl: webUrl("must be the simulator's URL").nullable().default(null),
  });

  const dynamics = z.strictObject({
    url: webUrl("must be the environment's URL, e.g. https://contoso.crm4.dynamics.com"),
    authority: webUrl("must be the authority's URL").default("https://login.microsoftonline.com"),
    tenantId: z.string().min(1, "must be the tenant's id or domain"),
    clientId: z.string().min(1, "must be the app registration's client id"),
    clientSecretFile: path,
    events: z.enum(["none", "webhook", "poll"]).default("webhook"),
    eventsPollEveryS: seconds.default(2),
    reconcileS: seconds.default(15),
    /** Where Dynamics reaches the recorder's webhook from outside, for `npm run setup-dynamics`. */
    webhookUrl: webUrl("must be the recorder's public URL, e.g. https://deskreel.contoso.com")
      .nullable()
      .default(null),
    /** What Microsoft does not document or sites differ in. */
    mapping: z
      .strictObject({
        voiceChannels: z.array(code).min(1, "must name at least one").default([192_440_000, 192_370_000]),
        recordModes: z
          .array(z.enum(["primary", "consult", "monitor", "preview"]))
          .min(1, "must name at least one")
          .default(["primary", "consult"]),
        recordBots: z.boolean().default(false),
        ringingTime: z.enum(["createdon", "addedon"]).default("createdon"),
        holdSignals: z
          .array(z.enum(["participant-events", "activity-state"]))
          .default(["participant-events", "activity-state"]),
        holdMatchS: secondsOrNone.default(10),
        holdEventType: code.default(192_350_001),
        conferencing: z.enum(["off-hold", "public-access", "never"]).default("off-hold"),
        notRespondingClosures: z
          .array(code)
          .default([192_350_001, 192_350_002, 192_350_013, 192_350_017, 192_350_064, 192_350_065]),
      })
      .prefault({}),
    recordingsPollEveryS: seconds.default(30),
    /** Ask for changes of recordings by Dataverse's change tracking, where its table has it on. */
    changeTracking: z.boolean("must be true or false").default(false),
  });

  const desktopKeys = z.strictObject({
    serverUrl: z
      .url({ protocol: /^wss?$/, error: "must be a ws:// or wss:// URL" })
      .default("ws://127.0.0.1:7400/v1/agent"),
    /** Plain `ws:` to another machine: the network between is protected otherwise. */
    allowPlainHttp: z.boolean("must be true or false").default(false),
    /** Authorities (PEM) that are trusted beside the operating system's. */
    caFile: path.nullable().default(null),
    proxy: z
      .string()
      .regex(
        PROXY,
        "must be system, direct, or a proxy's URL such as http://proxy:8080, https://… or socks5://…",
      )
      .default("system"),
    /** For the proxy, if it wants Basic or a SOCKS sign-in. */
    proxyCredentials: z
      .strictObject({
        username: z.string().min(1, "must not be empty"),
        password: z.string("must be a text"),
      })
      .nullable()
      .default(null),
    enrollmentToken: z.string().min(1).nullable().default(null),
    /** Whose desktop this is; null = the signed-in OS user as `user@host` (Windows: the UPN). */
    agent: agentIdSchema.nullable().default(null),
    /** This device's name; null = the host name. */
    device: z.string().min(1).max(128).nullable().default(null),
    /** Where the app keeps its log and settings; null = the OS' place for it. */
    dataDir: path.nullable().default(null),
    /** Whether agents are told by a notification that a recording begins. */
    notice: z.enum(["none", "start"]).default("none"),
    /** Whether the app starts with the session; null = as the installer has set it up. */
    autostart: z.boolean().nullable().default(null),
    /** The company's page about recordings, which the tray's menu opens; null = no such entry. */
    noticeUrl: z
      .url({ protocol: /^https$/, error: "must be an https:// URL" })
      .nullable()
      .default(null),
  });

  const desktop = desktopKeys.superRefine(({ serverUrl, allowPlainHttp }, context) => {
    const url = URL.parse(serverUrl);
    if (url === null || url.protocol === "wss:" || isLoopback(url.hostname) || allowPlainHttp) return;
    const message =
      "must be wss:// for another machine; or, where the network between is protected otherwise, allowPlainHttp: true";
    context.addIssue({ code: "custom", path: ["serverUrl"], message });
  });

  return z.strictObject({
    recorder: recorder.prefault({}),
    adapter: adapter.prefault({}),
    dynamics: dynamics.optional(),
    desktop: desktop.prefault({}),
  });
}

export type Config = z.output<ReturnType<typeof configSchema>>;
export type RecorderConfig = Config["recorder"];
export type AdapterConfig = Config["adapter"];
export type DynamicsConfig = NonNullable<Config["dynamics"]>;
export type DesktopConfig = Config["desktop"];

/** A `file:` archive as an absolute file URL; relative paths count from the configuration's folder. */
function archiveUrl(folder: string, text: string): string {
  if (!text.startsWith("file:")) return text;
  const place = text.startsWith("file://")
    ? fileURLToPath(text)
    : resolve(folder, text.slice("file:".length));
  return pathToFileURL(place).href;
}

/** Who a desktop belongs to when the configuration does not say. */
export function defaultAgent(): string {
  return `${userInfo().username}@${hostname()}`.toLowerCase();
}
