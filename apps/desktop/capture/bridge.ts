import { type PageAnswer, type PageBridge, type PageRequest, pageAnswerSchemas } from "../ipc-contract.ts";

/** What the preload script put here. */
export const bridge: PageBridge = (window as unknown as { deskreel: PageBridge }).deskreel;

/** Asks the main process, for most requests by way of it the recorder. @throws when refused. */
export async function ask<Request extends PageRequest>(request: Request): Promise<PageAnswer<Request["t"]>> {
  const answer = await bridge.request(request);
  return pageAnswerSchemas[request.t].parse(answer) as PageAnswer<Request["t"]>;
}
