import { z } from "zod";
import {
  DISPLAY_FAULTS,
  displaySchema,
  HIDDEN_REASONS,
  policySchema,
  PRODUCER_ENDS,
} from "#shared/protocol/messages.ts";

const opaque = z.record(z.string(), z.unknown());
const id = z.string().min(1).max(320);

/*
 * What the main process and the capture page say to each other, over the channels of ipc-channels.ts. Both ends validate
 * what they get: the page is the less trusted one, and a mistake in either shows up here instead of inside WebRTC.
 */

/** main → page. */
export const pageCommandSchema = z.discriminatedUnion("t", [
  /** A connection stands: make ready to send. `resumed` = the recorder still has our transport. */
  z.object({
    t: z.literal("prepare"),
    seq: z.int(),
    policy: policySchema,
    routerRtpCapabilities: opaque,
    resumed: z.boolean(),
  }),
  /** This policy holds from now on, for what is sent already too. */
  z.object({ t: z.literal("policy"), seq: z.int(), policy: policySchema }),
  /** No monitor is sent with more than this from now on, whatever the policy allows. */
  z.object({
    t: z.literal("limit"),
    seq: z.int(),
    framesPerSecond: z.number().positive(),
    maxBitrateKbps: z.number().positive(),
  }),
  /**
   * Capture exactly these displays from now on; none = stop. The hidden ones are to follow once the reason for which they
   * are hidden is gone.
   */
  z.object({
    t: z.literal("capture"),
    seq: z.int(),
    displays: z.array(displaySchema).max(16),
    hidden: z.object({ displays: z.array(displaySchema).max(16), reason: z.enum(HIDDEN_REASONS) }).nullable(),
  }),
]);
export type PageCommand = z.infer<typeof pageCommandSchema>;
/** Displays that are not captured for a while, and why. */
export type HiddenDisplays = Extract<PageCommand, { t: "capture" }>["hidden"];

/** page → main: a command was carried out, or why not. */
export const commandDoneSchema = z.strictObject({ seq: z.int(), error: z.string().max(2_000).nullable() });
type CommandDone = z.infer<typeof commandDoneSchema>;

/** page → main. All but `choose-display` go on to the recorder. */
export const pageRequestSchema = z.discriminatedUnion("t", [
  /** The next getDisplayMedia() is meant for this display; fails when it is not there (any more). */
  z.strictObject({ t: z.literal("choose-display"), display: z.string().min(1).max(64) }),
  z.strictObject({ t: z.literal("create-transport") }),
  z.strictObject({ t: z.literal("connect-transport"), transportId: id, dtlsParameters: opaque }),
  z.strictObject({ t: z.literal("produce"), transportId: id, display: displaySchema, rtpParameters: opaque }),
  z.strictObject({
    t: z.literal("close-producer"),
    producerId: id,
    reason: z.enum(PRODUCER_ENDS),
  }),
  z.strictObject({
    t: z.literal("capture-failed"),
    display: displaySchema,
    reason: z.enum(DISPLAY_FAULTS),
    message: z.string().max(1_000),
  }),
]);
export type PageRequest = z.infer<typeof pageRequestSchema>;

/** What each request is answered with. */
export const pageAnswerSchemas = {
  "choose-display": z.undefined(),
  "create-transport": z.object({
    transportId: id,
    iceParameters: opaque,
    iceCandidates: z.array(opaque),
    dtlsParameters: opaque,
  }),
  "connect-transport": z.undefined(),
  produce: z.object({ producerId: id }),
  "close-producer": z.undefined(),
  "capture-failed": z.undefined(),
} satisfies Record<PageRequest["t"], z.ZodType>;
export type PageAnswer<Type extends PageRequest["t"]> = z.infer<(typeof pageAnswerSchemas)[Type]>;

/** page → main: how the capture does. */
export const pageStatusSchema = z.strictObject({
  /** The transport, if it could be taken up again after a reconnect. */
  transportId: id.nullable(),
  monitors: z.int().min(0),
  framesPerSecond: z.number().min(0),
  /** On the wire, all headers included. */
  kbitPerSecond: z.number().min(0),
});
export type PageStatus = z.infer<typeof pageStatusSchema>;

/** What the preload script puts into the page's world, as `window.deskreel`. */
export interface PageBridge {
  onCommand(listener: (command: unknown) => void): void;
  done(done: CommandDone): void;
  request(request: PageRequest): Promise<unknown>;
  status(status: PageStatus): void;
}
