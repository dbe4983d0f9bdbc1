import type { OwnerReference } from "../services/resolveOwner";
import { parseCoins, type NanoCoins } from "../domain/coins";
import type { CommandInput } from "./types";

/** The input of a command is not what it takes; the message names the member. */
export class InvalidInput extends Error {
  override readonly name = "InvalidInput";
}

const LONGEST_TEXT = 4_096;
const LONGEST_LIST = 1_000;

/** @throws InvalidInput unless it is a JSON object whose members are all among `known` */
export function readMembers(input: unknown, known: readonly string[]): CommandInput {
  if (input === undefined || input === null) return {};
  if (typeof input !== "object" || Array.isArray(input)) throw new InvalidInput("the input has to be a JSON object");
  for (const member of Object.keys(input)) {
    if (!known.includes(member)) throw new InvalidInput(`'${member.slice(0, 40)}' is not taken; known: ${known.join(", ") || "none"}`);
  }
  return input as CommandInput;
}

export function optionalText(input: CommandInput, member: string): string | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || value.length > LONGEST_TEXT) throw new InvalidInput(`'${member}' has to be a text`);
  return value;
}

export function text(input: CommandInput, member: string): string {
  const value = optionalText(input, member);
  if (value === undefined) throw new InvalidInput(`'${member}' is missing`);
  return value;
}

/** A text as long as the input itself may be: a file. */
export function longText(input: CommandInput, member: string): string {
  const value = input[member];
  if (typeof value !== "string") throw new InvalidInput(`'${member}' has to be a text`);
  return value;
}

/** A whole number above 0. */
export function optionalCount(input: CommandInput, member: string): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) throw new InvalidInput(`'${member}' has to be a whole number above 0`);
  return value;
}

export function optionalTexts(input: CommandInput, member: string): readonly string[] | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(value) || list.length > LONGEST_LIST || !list.every((one) => typeof one === "string")) {
    throw new InvalidInput(`'${member}' has to be a list of texts`);
  }
  return list;
}

/** Epoch milliseconds. */
export function optionalTime(input: CommandInput, member: string): number | undefined {
  const value = input[member];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new InvalidInput(`'${member}' has to be a time in milliseconds`);
  return value;
}

/** An amount as a decimal text: no number, which would have gone through a float (docs/rules.md M1). */
export function optionalCoins(input: CommandInput, member: string): NanoCoins | undefined {
  const value = optionalText(input, member);
  if (value === undefined) return undefined;
  const amount = parseCoins(value);
  if (amount === undefined) throw new InvalidInput(`'${member}' is no amount of coins: '${value.slice(0, 40)}' (at most nine decimals)`);
  return amount;
}

export const OWNER_MEMBERS = ["client", "user"] as const;

export function ownerReference(input: CommandInput): OwnerReference {
  return { client: optionalText(input, "client"), user: optionalText(input, "user") };
}
