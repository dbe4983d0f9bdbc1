/** One endpoint that could take a call. */
export interface Candidate {
  readonly id: string;
  /** Its share of the calls; less than the configured one while it starts slowly. */
  readonly weight: number;
  readonly running: number;
}

/** How far above its share of all running calls an endpoint may be before sessions leave it (docs/wire.md W71). */
const LOAD_FACTOR = 1.25;
/** So few calls overload nobody: without them, a session would wander on a quiet gateway. */
const FEW_CALLS = 4;

/** The less busy of two picked at random, both in proportion to their weights: no herd runs to the emptiest one. */
export function lessBusyOfTwo<T extends Candidate>(candidates: readonly T[], random: () => number): T | undefined {
  if (candidates.length < 2) return candidates[0];
  const first = pick(candidates, undefined, random);
  const second = pick(candidates, first, random);
  return load(second) < load(first) ? second : first;
}

/**
 * Where a session belongs: the highest of the candidates' scores, each made from session and endpoint alone, in proportion to
 * their weights (rendezvous hashing). An endpoint that comes or goes moves only its own sessions. One that has more than its
 * bounded share of the running calls is passed over, so that its sessions go to the next of their own order, and come back.
 * @param session a hash of 32 bits, as `sessionHash` makes it
 */
export function homeOf<T extends Candidate>(candidates: readonly T[], session: number): T | undefined {
  let running = 1;
  let weights = 0;
  for (const candidate of candidates) {
    running += candidate.running;
    weights += weightOf(candidate);
  }
  const perWeight = (LOAD_FACTOR * running) / weights;
  let home: T | undefined;
  let best = -Infinity;
  for (const candidate of candidates) {
    if (candidate.running >= Math.max(FEW_CALLS, perWeight * weightOf(candidate))) continue;
    const score = weightOf(candidate) / -Math.log((mixed(session ^ hashOf(FNV_START, candidate.id)) + 0.5) / 2 ** 32);
    if (score > best) [home, best] = [candidate, score];
  }
  return home;
}

/**
 * A hash of 32 bits of what names a session. Of a long text only the beginning counts: calls that begin alike profit from the
 * same server's cache.
 * @param texts undefined ones are skipped
 */
export function sessionHash(...texts: readonly (string | undefined)[]): number {
  let value = FNV_START;
  for (const text of texts) {
    // A boundary, so that moving a letter from one text to the next makes another session.
    if (text !== undefined) value = Math.imul(hashOf(value, text) ^ 0x1f, FNV_PRIME);
  }
  return mixed(value);
}

function pick<T extends Candidate>(candidates: readonly T[], without: T | undefined, random: () => number): T {
  let total = 0;
  for (const candidate of candidates) {
    if (candidate !== without) total += weightOf(candidate);
  }
  let rest = random() * total;
  let last: T | undefined;
  for (const candidate of candidates) {
    if (candidate === without) continue;
    last = candidate;
    rest -= weightOf(candidate);
    if (rest < 0) break;
  }
  if (last === undefined) throw new Error("there is nothing to pick from");
  return last;
}

function weightOf(candidate: Candidate): number {
  return candidate.weight > 0 ? candidate.weight : 1e-6;
}

function load(candidate: Candidate): number {
  return candidate.running / weightOf(candidate);
}

const FNV_START = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
/** Characters of one text that count. */
const OPENING = 2_048;

/** FNV-1a over a text's beginning. */
function hashOf(start: number, text: string): number {
  let value = start;
  const end = Math.min(text.length, OPENING);
  for (let i = 0; i < end; i++) value = Math.imul(value ^ text.charCodeAt(i), FNV_PRIME);
  return value;
}

/** A last mixing: short texts that differ in one character must land far apart. */
function mixed(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
