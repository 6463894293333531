import type { RequestHandler } from "express";
import { formatInstant } from "#shared/time/rfc3339.ts";
import type { DesktopDirectory, DesktopView } from "../capture/ports.ts";

/** `GET /v1/agents`: every agent with a desktop that the recorder has seen since its start. */
export function onListAgents(directory: DesktopDirectory): RequestHandler {
  return (_request, response) => {
    const items = directory
      .agents()
      .map(({ agent, desktops }) => ({ agent, desktops: desktops.map(describeDesktop) }));
    response.json({ items, cursor: null });
  };
}

export function describeDesktop({ since, ...facts }: DesktopView) {
  return { ...facts, since: formatInstant(since) };
}
