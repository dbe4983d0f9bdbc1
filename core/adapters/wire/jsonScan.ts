const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** How far a string is read byte by byte before the native search takes over. */
const SHORT = 48;

/** A member of an object: `name` as it reads, and where its bytes are. */
export interface JsonMember {
  readonly name: string;
  /** Where the name's opening quote is. */
  readonly keyStart: number;
  /** The value's bytes, without white space around them. */
  readonly start: number;
  readonly end: number;
}

/** An object's members in the order of the bytes; `open` is just behind its `{`. */
export interface JsonObjectScan {
  readonly open: number;
  readonly members: readonly JsonMember[];
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function skipSpace(body: Buffer, at: number): number {
  while (isSpace(body[at])) at += 1;
  return at;
}

/** The end of the string whose opening quote is at `at`, or -1. */
function stringEnd(body: Buffer, at: number): number {
  const near = Math.min(body.length, at + SHORT);
  let from = at + 1;
  for (; from < near; from += 1) {
    const byte = body[from];
    if (byte === QUOTE) return from + 1;
    if (byte === BACKSLASH) from += 1;
  }
  for (let quote = body.indexOf(QUOTE, from); quote >= 0; quote = body.indexOf(QUOTE, quote + 1)) {
    let slashes = quote;
    while (slashes > from && body[slashes - 1] === BACKSLASH) slashes -= 1;
    if (((quote - slashes) & 1) === 0) return quote + 1;
  }
  return -1;
}

/** The end of the value that begins at `at`, or -1. Brackets are counted, so no depth can overflow anything. */
export function valueEnd(body: Buffer, at: number): number {
  if (body[at] === QUOTE) return stringEnd(body, at);
  if (body[at] !== OPEN_OBJECT && body[at] !== OPEN_ARRAY) {
    let end = at;
    while (end < body.length && body[end] !== COMMA && body[end] !== CLOSE_OBJECT && !isSpace(body[end])) end += 1;
    return end === at ? -1 : end;
  }
  let depth = 0;
  for (let next = at; next < body.length; next += 1) {
    const byte = body[next];
    if (byte === QUOTE) {
      next = stringEnd(body, next) - 1;
      if (next < 0) return -1;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
      if (depth === 0) return next + 1;
    }
  }
  return -1;
}

function readName(body: Buffer, start: number, end: number): string | undefined {
  let plain = true;
  for (let at = start + 1; at < end - 1 && plain; at += 1) {
    const byte = body[at] as number;
    plain = byte < 0x80 && byte !== BACKSLASH;
  }
  if (plain) return body.toString("latin1", start + 1, end - 1);
  try {
    return JSON.parse(body.toString("utf8", start, end)) as string;
  } catch {
    return undefined;
  }
}

/**
 * Finds the members of a JSON object in its bytes, in one pass and without recursion. It checks no more than it needs to
 * find its way: undefined means that this is certainly not one JSON object, an answer does not mean that it is valid.
 */
export function scanObject(body: Buffer): JsonObjectScan | undefined {
  let at = skipSpace(body, 0);
  if (body[at] !== OPEN_OBJECT) return undefined;
  const open = at + 1;
  const members: JsonMember[] = [];
  at = skipSpace(body, open);
  if (body[at] === CLOSE_OBJECT) return skipSpace(body, at + 1) === body.length ? { open, members } : undefined;
  for (;;) {
    if (body[at] !== QUOTE) return undefined;
    const keyEnd = stringEnd(body, at);
    const name = keyEnd < 0 ? undefined : readName(body, at, keyEnd);
    const colon = skipSpace(body, keyEnd);
    if (name === undefined || body[colon] !== COLON) return undefined;
    const start = skipSpace(body, colon + 1);
    const end = valueEnd(body, start);
    if (end < 0) return undefined;
    members.push({ name, keyStart: at, start, end });
    const next = skipSpace(body, end);
    if (body[next] === CLOSE_OBJECT) return skipSpace(body, next + 1) === body.length ? { open, members } : undefined;
    if (body[next] !== COMMA) return undefined;
    at = skipSpace(body, next + 1);
  }
}

/** Where each top-level value is; of a name that comes twice the last one, as `JSON.parse` has it. */
export function scanTopLevel(body: Buffer): Map<string, { start: number; end: number }> | undefined {
  const scan = scanObject(body);
  return scan && new Map(scan.members.map(({ name, start, end }) => [name, { start, end }]));
}

/**
 * The first of `names` that comes twice in one object, at any depth. One pass over a text that is valid JSON, without recursion.
 */
export function repeatedName(body: Buffer, names: ReadonlySet<string>): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === OPEN_OBJECT) open.push(undefined);
    else if (byte === CLOSE_OBJECT) open.pop();
    if (byte !== QUOTE) continue;
    const end = stringEnd(body, at);
    if (end < 0) return undefined;
    const name = body[skipSpace(body, end)] === COLON ? readName(body, at, end) : undefined;
    at = end - 1;
    if (name === undefined || !names.has(name)) continue;
    const seen = open[open.length - 1];
    if (seen === undefined) open[open.length - 1] = new Set([name]);
    else if (seen.has(name)) return name;
    else seen.add(name);
  }
  return undefined;
}

/** True where brackets nest deeper than `limit`. One pass; strings are jumped over. */
export function nestsDeeperThan(body: Buffer, limit: number): boolean {
  let depth = 0;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at];
    if (byte === QUOTE) {
      at = stringEnd(body, at) - 1;
      if (at < 0) return false;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      depth -= 1;
    }
  }
  return false;
}
