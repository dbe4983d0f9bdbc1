import type { ServerResponse } from "node:http";
import type { DemoFault } from "./demoFault";
import { replyError } from "./demoReply";

export type DemoBody = Record<string, unknown>;

/** Answers one call from its parsed body; `header` is what it asks to go wrong. */
export type DemoHandler = (state: { readonly paceMs: number }, response: ServerResponse, body: DemoBody, header: string | undefined) => void;

/** True where the fault has taken the answer over. */
export function misbehaves(response: ServerResponse, fault: DemoFault): boolean {
  if (fault.status !== undefined) replyError(response, fault.status, `The demo model was asked to fail with ${fault.status}.`);
  return fault.stall === true || fault.status !== undefined;
}

/** The name that a call was made under. */
export function nameOf(body: DemoBody): string {
  return typeof body.model === "string" ? body.model : "dummy";
}

export const isPositive = (value: unknown): value is number => typeof value === "number" && Number.isInteger(value) && value > 0;
