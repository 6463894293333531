import { z } from "zod";
import { agentIdSchema } from "../api/identity.ts";
import { CODECS } from "../api/recording.ts";

/** The path and the subprotocol of the desktop channel; docs/PROTOCOL.md tells the conversation. */
export const CHANNEL_PATH = "/v1/agent";
export const SUBPROTOCOL = "deskreel.1";

/** Largest frame either side accepts, in bytes; RTP parameters and capabilities fit many times over. */
export const MAX_FRAME_BYTES = 256 * 1024;

const requestId = z.int().positive();
const shortText = z.string().min(1).max(320);
/** mediasoup's own structures pass through unread; mediasoup and mediasoup-client validate them. */
const opaque = z.record(z.string(), z.unknown());

/** One monitor: `id` is the OS' display id, size in physical pixels, `scale` = physical / logical. */
export const displaySchema = z.object({
  id: z.string().min(1).max(64),
  width: z.int().positive().max(32_768),
  height: z.int().positive().max(32_768),
  scale: z.number().positive().max(16),
  primary: z.boolean(),
});
export type Display = z.infer<typeof displaySchema>;

/** What a tray app may take of its PC, all monitors together; null: no limit. */
const budgetsSchema = z.object({
  /** Percent of one core. */
  cpuPercent: z.number().positive().nullable(),
  /** Of IP packets to the recorder. */
  uplinkKbps: z.number().positive().nullable(),
});
export type Budgets = z.infer<typeof budgetsSchema>;

/** What a tray app takes of its PC, over the last seconds. */
export const figuresSchema = z.object({
  cpuPercent: z.number().min(0),
  uplinkKbps: z.number().min(0),
  /** Of the slowest monitor; a screen that stands still has next to none. */
  framesPerSecond: z.number().min(0),
  /** `lowered`: frames or bitrate, to keep the budgets; `exceeded`: the budgets are not kept even so. */
  budget: z.enum(["normal", "lowered", "exceeded"]),
});
export type DesktopFigures = z.infer<typeof figuresSchema>;

/** What the recorder wants captured and how; sent in `welcome`, and in `policy` when it changes. */
export const policySchema = z.object({
  framesPerSecond: z.number().positive().max(60),
  maxBitrateKbps: z.int().positive(),
  codecs: z.array(z.enum(CODECS)).min(1),
  monitors: z.enum(["all", "primary"]),
  /** What is done while the desktop's session is locked; absent: `pause`. */
  whenLocked: z.enum(["pause", "record"]).exactOptional(),
  /** Absent: no limits. */
  budgets: budgetsSchema.exactOptional(),
});
export type CapturePolicy = z.infer<typeof policySchema>;

/** Why a desktop that is to capture captures nothing for a while: nobody sees its session, or it sleeps. */
export const HIDDEN_REASONS = ["session-locked", "session-disconnected", "desktop-offline"] as const;
export type HiddenReason = (typeof HIDDEN_REASONS)[number];

/** Why a desktop ends a producer. */
export const PRODUCER_ENDS = ["monitor-off", "stopped", ...HIDDEN_REASONS] as const;
/** Why a display gives no picture. */
export const DISPLAY_FAULTS = ["desktop-error", ...HIDDEN_REASONS] as const;

/** The call that a recording belongs to, for the tray's words; `since` in epoch ms. */
const callSummarySchema = z.object({
  recordingId: z.string(),
  since: z.number(),
  customer: z.string().max(1024).optional(),
  queue: z.string().max(1024).optional(),
});
export type CallSummary = z.infer<typeof callSummarySchema>;

const deviceName = z.string().min(1).max(128);
const osUserName = z.string().min(1).max(128);
/** The 32 bytes of an Ed25519 public key in base64url, as `x` of a JWK (RFC 8037). */
const publicKey = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, "must be the 32 bytes of an Ed25519 key in base64url");
/** Who keeps a desktop's private key from others: the operating system, or nothing but the file's rights. */
export const KEY_PROTECTIONS = ["os", "plain"] as const;
export type KeyProtection = (typeof KEY_PROTECTIONS)[number];
/** What a desktop says with its signature; shared/trust/desktop-proof.ts says over what that is. */
const proof = {
  /** The recorder's host, as the desktop has dialled it. */
  host: z.string().min(1).max(260),
  device: deviceName,
  osUser: osUserName,
  keyProtection: z.enum(KEY_PROTECTIONS),
  /** 64 bytes in base64url. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/, "must be 64 bytes in base64url"),
};

/** desktop → recorder. Every one is a request: the answer carries the same `id`. */
export const desktopMessageSchema = z.discriminatedUnion("t", [
  /** First: by which key it is to be known. */
  z.object({ t: z.literal("authenticate"), id: requestId, publicKey }),
  /** Second, with a key that the recorder knows: that it has the private key. */
  z.object({ t: z.literal("prove"), id: requestId, ...proof }),
  /** Second, with one that it does not know: the same, and that it may become known. */
  z.object({ t: z.literal("enrol"), id: requestId, ...proof, token: z.string().min(1).max(256) }),
  /**
   * Third: who it is. After a reconnect, `recordings` = ids it believes are running and `transportId` = its WebRTC
   * transport if that still stands.
   */
  z.object({
    t: z.literal("hello"),
    id: requestId,
    agent: agentIdSchema,
    device: deviceName,
    osUser: osUserName,
    displays: z.array(displaySchema).max(16),
    appVersion: z.string().min(1).max(64),
    recordings: z.array(z.string().max(64)).max(64),
    transportId: shortText.nullable(),
  }),
  z.object({ t: z.literal("displays"), id: requestId, displays: z.array(displaySchema).max(16) }),
  /** `sentAt` = the desktop's clock in epoch ms, for the clock offset; `figures` every 10 s while it captures. */
  z.object({
    t: z.literal("ping"),
    id: requestId,
    sentAt: z.number(),
    figures: figuresSchema.exactOptional(),
  }),
  z.object({ t: z.literal("create-transport"), id: requestId }),
  z.object({
    t: z.literal("connect-transport"),
    id: requestId,
    transportId: shortText,
    dtlsParameters: opaque,
  }),
  z.object({
    t: z.literal("produce"),
    id: requestId,
    transportId: shortText,
    display: displaySchema,
    rtpParameters: opaque,
  }),
  /**
   * `monitor-off`: the display is gone, or the policy wants it no more, or not in this codec; `stopped`: the desktop ended this capture (it follows a `stop`, say);
   * the others are {@link HIDDEN_REASONS}: it goes on when the agent is back.
   */
  z.object({
    t: z.literal("close-producer"),
    id: requestId,
    producerId: shortText,
    reason: z.enum(PRODUCER_ENDS),
  }),
  /** One display cannot be captured now; the desktop goes on trying, the recorder notes the gap. */
  z.object({
    t: z.literal("capture-failed"),
    id: requestId,
    display: displaySchema,
    reason: z.enum(DISPLAY_FAULTS),
    message: z.string().max(1_000),
  }),
  /** It ends now, so that a newer version can take its place; it comes back by itself, and what runs then goes on. */
  z.object({ t: z.literal("leave"), id: requestId, reason: z.enum(["update"]) }),
  /** Answer to a command of the recorder. */
  z.object({ t: z.literal("ack"), id: requestId }),
  z.object({
    t: z.literal("error"),
    id: requestId.nullable(),
    code: z.string().max(64),
    message: z.string().max(2_000),
  }),
]);
export type DesktopMessage = z.infer<typeof desktopMessageSchema>;

/** recorder → desktop. */
export const recorderMessageSchema = z.discriminatedUnion("t", [
  /** To be signed, once. `isKnown`: whether the key is enrolled. */
  z.object({
    t: z.literal("challenge"),
    id: requestId,
    nonce: z.string().min(1).max(64),
    isKnown: z.boolean(),
  }),
  /** `desktopId` as in `GET /v1/desktops`. */
  z.object({ t: z.literal("authenticated"), id: requestId, desktopId: z.string() }),
  /** `transportId` = the one of `hello` if the recorder still holds it: then producers go on as they are. */
  z.object({
    t: z.literal("welcome"),
    id: requestId,
    policy: policySchema,
    routerRtpCapabilities: opaque,
    serverTime: z.number(),
    heartbeatMs: z.int().positive(),
    transportId: z.string().nullable(),
  }),
  z.object({ t: z.literal("ok"), id: requestId }),
  /** `stopNoLaterThan` (epoch ms, recorder's clock): capture ends by itself then unless renewed; null without a recording. */
  z.object({
    t: z.literal("pong"),
    id: requestId,
    sentAt: z.number(),
    serverTime: z.number(),
    stopNoLaterThan: z.number().nullable(),
  }),
  z.object({
    t: z.literal("transport"),
    id: requestId,
    transportId: z.string(),
    iceParameters: opaque,
    iceCandidates: z.array(opaque),
    dtlsParameters: opaque,
  }),
  z.object({ t: z.literal("produced"), id: requestId, producerId: z.string() }),
  /**
   * Command: capture every monitor that the policy names, or none while `paused`. Sent again when the calls change and
   * after a reconnect. `stopNoLaterThan` as in `pong`.
   */
  z.object({
    t: z.literal("start"),
    id: requestId,
    calls: z.array(callSummarySchema).min(1).max(64),
    paused: z.boolean(),
    stopNoLaterThan: z.number(),
  }),
  /** Command: stop every capture now. */
  z.object({ t: z.literal("stop"), id: requestId }),
  /** Command: this policy holds from now on, for what is captured already too. */
  z.object({ t: z.literal("policy"), id: requestId, policy: policySchema }),
  z.object({ t: z.literal("error"), id: requestId.nullable(), code: z.string(), message: z.string() }),
]);
export type RecorderMessage = z.infer<typeof recorderMessageSchema>;

/** A message of one type. */
export type DesktopMessageOf<Type extends DesktopMessage["t"]> = Extract<DesktopMessage, { t: Type }>;
/** A message of one type. */
export type RecorderMessageOf<Type extends RecorderMessage["t"]> = Extract<RecorderMessage, { t: Type }>;

/** Why the recorder closes a socket (RFC 6455 7.4.2: 4000-4999 are for applications). */
export const CLOSE_CODES = {
  /** RFC 6455: the recorder shuts down. */
  goingAway: 1001,
  /** Too large, too fast, or too many faults in a minute. */
  protocolViolation: 4400,
  /** Wrong or missing enrolment token, or no proof of its key: an admin has to act; retry slowly. */
  unauthorized: 4401,
  /** An admin has revoked its key: stop capturing, retry slowly. */
  revoked: 4403,
  /** No heartbeat, or no answer to a command. */
  silent: 4408,
  /** Another connection of the same desktop took over; retry slowly. */
  replaced: 4409,
  /** It belongs to another agent now; connect again at once. */
  moved: 4410,
  /** What took in its media is gone; connect again at once, with a new transport. */
  mediaLost: 4411,
  /** An admin has to approve this desktop first; retry slowly. */
  waitsForApproval: 4412,
} as const;
