import { hash } from "node:crypto";
import { INDEXES } from "../types";
import { encodeEntry } from "./codec";
import { storable, type ContentsItem, type StoreContents } from "./contents";

/** How many there are of a kind, and one SHA-256 over them in hexadecimal. */
export interface KindDigest {
  readonly kind: string;
  readonly count: number;
  readonly sha256: string;
}

/** What two stores have in common that hold the same, whichever engines they are of. */
export interface ContentsDigest {
  /** Over the kinds. */
  readonly sha256: string;
  readonly kinds: readonly KindDigest[];
}

const KINDS = ["pools", "adjustments", "entries", "auditEvents", ...Object.keys(INDEXES), "messages", "files"] as const;
const MODULUS = 1n << 256n;

interface Sum {
  count: number;
  sum: bigint;
}

/** JSON with the members of objects in the order of their names; amounts as decimal text (docs/rules.md M1). */
function canonical(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(storable(value));
  if (typeof value === "bigint") return `"${value}"`;
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value).filter(([, inner]) => inner !== undefined).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}

/**
 * Sums up the contents of a store as they pass: of each kind the SHA-256 of every item, added up modulo 2^256, so that it does
 * not hang on an order that means nothing. Where the order means something, an item's place is a part of it: that of what was
 * booked, and of what was said in one conversation. It finds what a copy lost or changed; it is no seal against a forger.
 */
export class DigestSum {
  readonly #sums = new Map<string, Sum>(KINDS.map((kind) => [kind, { count: 0, sum: 0n }]));
  #conversation: string | undefined;
  #said = 0;

  add(items: readonly ContentsItem[]): void {
    for (const item of items) this.#add(item);
  }

  result(): ContentsDigest {
    const kinds = [...this.#sums].map(([kind, { count, sum }]): KindDigest => ({ kind, count, sha256: sum.toString(16).padStart(64, "0") }));
    return { sha256: hash("sha256", kinds.map(({ kind, count, sha256 }) => `${kind} ${count} ${sha256}\n`).join("")), kinds };
  }

  #add(item: ContentsItem): void {
    switch (item.t) {
      case "pool": {
        const { id, balanceNano, terms, refillFrom } = item.pool;
        return this.#count("pools", canonical({ id, balanceNano, terms, refillFrom }));
      }
      case "adjust": return this.#countInOrder("adjustments", canonical(item.adjustment));
      case "settle": return this.#countInOrder("entries", item.prior ? `correction ${encodeEntry(item.entry)}` : encodeEntry(item.entry));
      case "audit": return this.#countInOrder("auditEvents", canonical(item.event));
      case "put": return this.#count(item.collection, canonical(item.row));
      case "message":
        this.#said = this.#conversation === item.conversationId ? this.#said + 1 : 0;
        this.#conversation = item.conversationId;
        return this.#count("messages", `${item.conversationId} ${this.#said} ${canonical(item.event)}`);
      case "file": return this.#count("files", `${item.place} ${item.id} ${hash("sha256", item.bytes)}`);
      // Set aside, not booked: no part of what a balance is.
      case "hold": return;
    }
  }

  #countInOrder(kind: string, text: string): void {
    this.#count(kind, `${this.#sums.get(kind)?.count ?? 0} ${text}`);
  }

  #count(kind: string, text: string): void {
    const sum = this.#sums.get(kind);
    if (!sum) throw new Error(`no digest of ${kind}`);
    sum.count += 1;
    sum.sum = (sum.sum + BigInt(`0x${hash("sha256", text)}`)) % MODULUS;
  }
}

/** Reads everything. */
export async function digestOf(contents: StoreContents): Promise<ContentsDigest> {
  const digest = new DigestSum();
  for await (const items of contents.read()) digest.add(items);
  return digest.result();
}

/** One sentence for each kind of which two stores do not hold the same. */
export function differencesOf(a: ContentsDigest, b: ContentsDigest): readonly string[] {
  return a.kinds.flatMap(({ kind, count, sha256 }) => {
    const other = b.kinds.find((one) => one.kind === kind);
    if (other?.sha256 === sha256 && other.count === count) return [];
    return [`${kind}: ${count} with the hash ${sha256.slice(0, 12)}…, and ${other?.count ?? 0} with ${other?.sha256.slice(0, 12) ?? "none"}…`];
  });
}
