import { z } from "zod";
import { formatCoins, type NanoCoins, NANO_PER_COIN, parseCoins } from "../../domain/coins";
import { nearestOf } from "../suggest";

/** What is known of a scalar type beside how to read it: for config.schema.json and the tables of keys. */
export interface LeafInfo {
  /** `coins`, `true or false`, `one of a, b`. */
  readonly label: string;
  /** What an editor accepts. Every value may also be a text with a variable in it. */
  readonly json: Readonly<Record<string, unknown>>;
}

export const leafInfo = z.registry<LeafInfo>();

type Read<T> = { readonly value: T } | { readonly problem: string };

/** A scalar type: reads the scalar's source text, never a number or boolean that YAML made of it. */
export type Leaf<T> = z.ZodPipe<z.ZodString, z.ZodTransform<T, string>>;

export function leaf<T>(info: LeafInfo, read: (text: string) => Read<T>): Leaf<T> {
  const schema = z.string().transform((text, context) => {
    const result = read(text);
    if ("value" in result) return result.value;
    context.addIssue({ code: "custom", message: result.problem });
    return z.NEVER;
  });
  leafInfo.add(schema, info);
  return schema;
}

const TEXT_JSON = { type: ["string", "number", "boolean"] };

/** Any text, as typed. */
export const text = (label = "text"): Leaf<string> => leaf<string>({ label, json: TEXT_JSON }, (value) => ({ value }));

/** A text that must look like something. */
export function textLike(label: string, pattern: RegExp, problem: string, change = (value: string): string => value): Leaf<string> {
  return leaf<string>({ label, json: TEXT_JSON }, (source) => (pattern.test(source.trim()) ? { value: change(source.trim()) } : { problem }));
}

const FLAGS = new Map([["true", true], ["yes", true], ["on", true], ["false", false], ["no", false], ["off", false]]);

export const flag = (): Leaf<boolean> =>
  leaf<boolean>({ label: "true or false", json: { enum: [true, false, "yes", "no", "on", "off"] } }, (source) => {
    const value = FLAGS.get(source.trim().toLowerCase());
    return value === undefined ? { problem: "This must be true or false." } : { value };
  });

/** One of a few words; `alsoKnown` are other words for them (docs/rules.md A5). */
export function word<const T extends string>(words: readonly T[], alsoKnown: Readonly<Record<string, T>> = {}): Leaf<T> {
  const all = new Map<string, T>([...words.map((one) => [one, one] as const), ...Object.entries(alsoKnown)]);
  return leaf<T>({ label: `one of ${words.join(", ")}`, json: { enum: [...all.keys()] } }, (source) => {
    const value = all.get(source.trim());
    if (value !== undefined) return { value };
    const near = nearestOf(source.trim(), all.keys());
    return { problem: `This must be one of ${[...all.keys()].join(", ")}.${near === undefined ? "" : ` Did you mean "${near}"?`}` };
  });
}

export interface Range {
  readonly least: number;
  readonly most?: number;
}

/** A whole number that is no money. */
export function whole({ least, most = Number.MAX_SAFE_INTEGER }: Range): Leaf<number> {
  const json = { type: "integer", minimum: least, ...(most < Number.MAX_SAFE_INTEGER ? { maximum: most } : {}) };
  return leaf<number>({ label: "whole number", json }, (source) => {
    const value = /^\+?\d+$/.test(source.trim()) ? Number(source.trim()) : Number.NaN;
    return value >= least && value <= most ? { value } : { problem: `This must be a whole number${rangeText(least, most)}.` };
  });
}

/** A number that is no money: seconds, megabytes, percent. */
export function decimal(label: string, { least, most = Number.MAX_SAFE_INTEGER }: Range): Leaf<number> {
  const json = { type: "number", minimum: least, ...(most < Number.MAX_SAFE_INTEGER ? { maximum: most } : {}) };
  return leaf<number>({ label, json }, (source) => {
    const value = /^\+?(\d+\.?\d*|\.\d+)$/.test(source.trim()) ? Number(source.trim()) : Number.NaN;
    return value >= least && value <= most ? { value } : { problem: `This must be a number of ${label}${rangeText(least, most)}.` };
  });
}

function rangeText(least: number, most: number): string {
  return most < Number.MAX_SAFE_INTEGER ? ` from ${least} to ${most}` : `, ${least} or more`;
}

/** An amount of coins or a rate, 0 or more, read exactly (M1, M2). */
export const coins = (label = "coins"): Leaf<NanoCoins> =>
  leaf<NanoCoins>({ label, json: { type: ["number", "string"], minimum: 0, pattern: AMOUNT_PATTERN } }, (source) => {
    const amount = readAmount(source);
    if (typeof amount !== "bigint") return amount;
    return amount >= 0n ? { value: amount } : { problem: "This must not be below 0." };
  });

/** A pool's size: −2 is unlimited, 0 blocked; anything else below zero is an error (P1). */
export const poolMax = (): Leaf<NanoCoins | "unlimited"> =>
  leaf<NanoCoins | "unlimited">({ label: "coins, -2 = unlimited, 0 = blocked", json: { type: ["number", "string"], pattern: AMOUNT_PATTERN } }, (source) => {
    const amount = readAmount(source);
    if (typeof amount !== "bigint") return amount;
    if (amount === -2n * NANO_PER_COIN) return { value: "unlimited" };
    if (amount >= 0n) return { value: amount };
    return { problem: `${formatCoins(amount)} is no size of a pool: -2 is unlimited, 0 is blocked, everything else must be above 0.` };
  });

const AMOUNT_PATTERN = "^[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,2})?$|\\$\\{";

function readAmount(source: string): NanoCoins | { problem: string } {
  return parseCoins(source) ?? { problem: "This must be a decimal number with at most nine decimals." };
}
