import { scanObject, type JsonMember } from "./jsonScan";

export { scanTopLevel } from "./jsonScan";

/** What each member becomes: raw JSON text, or undefined to take it out. */
export type JsonEdits = Readonly<Record<string, string | undefined>>;

export interface SpliceOptions {
  /**
   * Also edit members whose names differ only in case. Backends written in Go read `"Model"` as `"model"`: whoever
   * decides by a member must not let a twin of it pass.
   */
  readonly foldCase?: boolean;
  /** Replace and remove only: a missing member stays missing. */
  readonly existingOnly?: boolean;
}

/** Bytes from `start` to `end` give way to `text`. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
}

const NOTHING = Buffer.alloc(0);

/** Upper, then lower case: so that the two letters outside ASCII that Go folds (`ſ`, the Kelvin sign) are caught. */
const fold = (name: string): string => name.toUpperCase().toLowerCase();

function findEdit(edits: JsonEdits, options: SpliceOptions): (name: string) => string | undefined {
  if (!options.foldCase) return (name) => (Object.hasOwn(edits, name) ? name : undefined);
  const folded = new Map(Object.keys(edits).map((name) => [fold(name), name]));
  return (name) => (Object.hasOwn(edits, name) ? name : folded.get(fold(name)));
}

/** Takes members out with one comma each, so that what stays is an object. */
function removals(members: readonly JsonMember[], removed: ReadonlySet<JsonMember>): Cut[] {
  const cuts: Cut[] = [];
  let lastKept = members.length - 1;
  while (lastKept >= 0 && removed.has(members[lastKept] as JsonMember)) lastKept -= 1;
  members.forEach((member, at) => {
    const next = members[at + 1];
    if (at < lastKept && next && removed.has(member)) cuts.push({ start: member.keyStart, end: next.keyStart, bytes: NOTHING });
  });
  const last = members.at(-1);
  if (last && lastKept < members.length - 1) {
    const start = members[lastKept]?.end ?? members[0]?.keyStart ?? last.end;
    cuts.push({ start, end: last.end, bytes: NOTHING });
  }
  return cuts;
}

/** Applies cuts, none of which overlap, in the order of their places. */
function applyCuts(body: Buffer, cuts: readonly Cut[]): Buffer {
  if (cuts.length === 0) return body;
  const parts: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a.start - b.start || a.end - b.end)) {
    parts.push(body.subarray(from, cut.start), cut.bytes);
    from = cut.end;
  }
  parts.push(body.subarray(from));
  return Buffer.concat(parts);
}

/**
 * Edits top-level members of a JSON object in its bytes. A member's value is replaced where it stands, each time its name
 * occurs; a missing member is added at the end; every other byte stays. The same Buffer comes back where nothing changes,
 * and where the body is no JSON object.
 */
export function spliceTopLevel(body: Buffer, edits: JsonEdits, options: SpliceOptions = {}): Buffer {
  const scan = scanObject(body);
  if (scan === undefined) return body;
  const editOf = findEdit(edits, options);
  const cuts: Cut[] = [];
  const removed = new Set<JsonMember>();
  const met = new Set<string>();
  for (const member of scan.members) {
    const name = editOf(member.name);
    if (name === undefined) continue;
    const raw = edits[name];
    if (member.name === name) met.add(name);
    if (raw === undefined) {
      removed.add(member);
      continue;
    }
    const bytes = Buffer.from(raw);
    const same = bytes.length === member.end - member.start && body.compare(bytes, 0, bytes.length, member.start, member.end) === 0;
    if (!same) cuts.push({ start: member.start, end: member.end, bytes });
  }
  const added = Object.entries(options.existingOnly ? {} : edits)
    .filter((edit): edit is [string, string] => edit[1] !== undefined && !met.has(edit[0]));
  const text = added.map(([name, raw]) => `${JSON.stringify(name)}:${raw}`).join(",");
  const lastKept = scan.members.findLast((member) => !removed.has(member));
  cuts.push(...removals(scan.members, removed));
  if (text !== "") {
    const at = lastKept?.end ?? scan.open;
    cuts.push({ start: at, end: at, bytes: Buffer.from(lastKept ? `,${text}` : text) });
  }
  return applyCuts(body, cuts);
}

/**
 * Edits members of an object that is itself a top-level member: `spliceNested(body, "stream_options", { include_usage:
 * "true" })`. Where it is missing or null it is made, unless existing members alone are edited. A value of another kind is left alone: who reads it will refuse it.
 */
export function spliceNested(body: Buffer, outer: string, edits: JsonEdits, options: Pick<SpliceOptions, "existingOnly"> = {}): Buffer {
  const scan = scanObject(body);
  if (scan === undefined) return body;
  const found = scan.members.filter(({ name }) => name === outer);
  const fresh = options.existingOnly ? "{}" : `{${Object.entries(edits).flatMap(([name, raw]) => (raw === undefined ? [] : `${JSON.stringify(name)}:${raw}`)).join(",")}}`;
  if (found.length === 0) return fresh === "{}" ? body : spliceTopLevel(body, { [outer]: fresh });
  const cuts: Cut[] = [];
  for (const { start, end } of found) {
    const value = body.subarray(start, end);
    if (value.equals(Buffer.from("null"))) {
      if (fresh !== "{}") cuts.push({ start, end, bytes: Buffer.from(fresh) });
      continue;
    }
    const bytes = spliceTopLevel(value, edits, options);
    if (bytes !== value) cuts.push({ start, end, bytes });
  }
  return applyCuts(body, cuts);
}
