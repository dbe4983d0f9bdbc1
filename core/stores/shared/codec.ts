import type { Charge, HoldLine } from "../../domain/hold";
import type { CallFacts, LedgerEntry } from "../../domain/ledgerEntry";
import type { Price } from "../../domain/price";
import { NO_USAGE, type Usage } from "../../domain/usage";
import type { HoldProgress } from "../types";
import type { BooksEvent, HoldEvent, SettleEvent } from "./events";

/**
 * The one way between values and JSON: amounts are decimal strings (docs/rules.md M1), under names that end in `Nano` or
 * `NanoPerHour`. What is written for every call is put together by hand.
 */
export function encode(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? inner.toString() : inner));
}

const text = (value: string): string => JSON.stringify(value);
const USAGE_KEYS = Object.keys(NO_USAGE) as (keyof Usage)[];
/** A price belongs to a snapshot of the configuration and serves many calls. */
const priceTexts = new WeakMap<Price, string>();
/** One object for each of the few prices that stand in very many stored entries, by what is stored of it. */
const pricesByText = new Map<string, Price>();
const PRICES_KEPT = 10_000;

function priceText(price: Price): string {
  let found = priceTexts.get(price);
  if (found === undefined) priceTexts.set(price, (found = encode(price)));
  return found;
}

/** Without the zeros, which are most of it. */
function usageText(usage: Usage): string {
  let out = "";
  for (const key of USAGE_KEYS) if (usage[key] !== 0) out += `${out === "" ? "" : ","}"${key}":${usage[key]}`;
  return `{${out}}`;
}

/** The members of an object, without its braces. */
function factsText(facts: CallFacts): string {
  const key = facts.keyId === undefined ? "" : `"keyId":${text(facts.keyId)},`;
  return (
    `"ownerId":${text(facts.ownerId)},${key}"via":"${facts.via}","operation":"${facts.operation}",` +
    `"model":${text(facts.model)},"price":${priceText(facts.price)},"startedAt":${facts.startedAt}`
  );
}

export const encodeFacts = (facts: CallFacts): string => `{${factsText(facts)}}`;

export function encodeLines(lines: readonly HoldLine[]): string {
  let out = "";
  for (const line of lines) out += `${out === "" ? "" : ","}{"pool":${text(line.pool)},"amountNano":"${line.amountNano}"}`;
  return `[${out}]`;
}

function chargesText(charges: readonly Charge[]): string {
  let out = "";
  for (const { pool, chargedNano, uncollectedNano } of charges) {
    out += `${out === "" ? "" : ","}{"pool":${text(pool)},"chargedNano":"${chargedNano}","uncollectedNano":"${uncollectedNano}"}`;
  }
  return `[${out}]`;
}

export function encodeEntry(entry: LedgerEntry): string {
  const endpoint = entry.endpoint === undefined ? "" : `"endpoint":${text(entry.endpoint)},`;
  const firstToken = entry.firstTokenMs === undefined ? "" : `"firstTokenMs":${entry.firstTokenMs},`;
  const flags = entry.flags.length === 0 ? "[]" : JSON.stringify(entry.flags);
  return (
    `{"id":${text(entry.id)},${factsText(entry)},${endpoint}"usage":${usageText(entry.usage)},"costNano":"${entry.costNano}",` +
    `"charges":${chargesText(entry.charges)},"settledAt":${entry.settledAt},"durationMs":${entry.durationMs},${firstToken}` +
    `"status":${entry.status},"flags":${flags}}`
  );
}

function progressText({ usage, costNano, endpoint }: HoldProgress): string {
  return `{"usage":${usageText(usage)},"costNano":"${costNano}"${endpoint === undefined ? "" : `,"endpoint":${text(endpoint)}`}}`;
}

function holdText(event: HoldEvent): string {
  const progress = event.progress ? `,"progress":${progressText(event.progress)}` : "";
  return (
    `{"t":"hold","id":${text(event.id)},"at":${event.at},"lines":${encodeLines(event.lines)},` +
    `"facts":${encodeFacts(event.facts)}${progress}}`
  );
}

function settleText(event: SettleEvent): string {
  const prior = event.prior ? `,"prior":${encodeEntry(event.prior)},"priorSeq":${event.priorSeq ?? 0}` : "";
  return `{"t":"settle","entry":${encodeEntry(event.entry)},"held":${encodeLines(event.held)}${prior}}`;
}

export function encodeEvent(event: BooksEvent): string {
  switch (event.t) {
    case "hold": return holdText(event);
    case "settle": return settleText(event);
    case "progress": return `{"t":"progress","id":${text(event.id)},"progress":${progressText(event.progress)}}`;
    case "extend": return `{"t":"extend","id":${text(event.id)},"lines":${encodeLines(event.lines)}}`;
    case "release": return `{"t":"release","id":${text(event.id)},"held":${encodeLines(event.held)}}`;
    default: return encode(event);
  }
}

type Loose = Record<string, unknown>;

function isAmount(name: string): boolean {
  return name.endsWith("Nano") || name.endsWith("NanoPerHour");
}

function revivedPrice(stored: object): Price {
  const json = JSON.stringify(stored);
  const known = pricesByText.get(json);
  if (known) return known;
  revive(stored);
  const price = Object.freeze(stored) as Price;
  if (pricesByText.size >= PRICES_KEPT) pricesByText.clear();
  pricesByText.set(json, price);
  priceTexts.set(price, json);
  return price;
}

/** Turns the amounts inside a parsed value back into bigints, and fills the zeros of a usage, in place. */
export function revive(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  const object = value as Loose;
  for (const name in object) {
    const inner = object[name];
    if (typeof inner === "string") {
      if (isAmount(name)) object[name] = BigInt(inner);
    } else if (name === "usage") object[name] = { ...NO_USAGE, ...(inner as Usage) };
    else if (name === "price" && typeof inner === "object" && inner !== null) object[name] = revivedPrice(inner);
    else revive(inner);
  }
}

/** Amounts of a stored row; texts of people (claims, names) are theirs and left alone. */
export function reviveRow(collection: string, row: unknown): void {
  if (collection !== "keys") return;
  const key = row as Loose;
  if (typeof key["coinCapNano"] === "string") key["coinCapNano"] = BigInt(key["coinCapNano"]);
}

export function decodeEvent(json: string): BooksEvent {
  const event = JSON.parse(json) as BooksEvent;
  if (event.t === "put") {
    reviveRow(event.collection, event.row);
    Object.freeze(event.row);
  } else if (event.t !== "delete" && event.t !== "audit") revive(event);
  return event;
}
