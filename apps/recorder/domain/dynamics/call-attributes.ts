import type { ConversationRow, UserRow } from "./rows.ts";

/** The attributes of events that reach the manifest, as far as they are known. */
export function callAttributes(facts: {
  conversation: ConversationRow | null;
  customer: string | null;
  queueName: string | null;
  user: UserRow | null;
}): Record<string, string> {
  const { conversation, customer, queueName, user } = facts;
  const isOutbound = conversation?.isOutbound ?? null;
  const all = {
    direction: isOutbound === null ? null : isOutbound ? "outbound" : "inbound",
    customer,
    queue: queueName,
    agentName: user?.fullName ?? null,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1])),
  );
}
