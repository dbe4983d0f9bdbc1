/** One endpoint that could take a call. */
export interface Candidate {
  readonly id: string;
  readonly weight: number;
  readonly running: number;
}

/** Calls that an endpoint may have above twice the average before a session leaves it. */
const AFFINITY_SLACK = 4;

/** The less busy of two picked at random, both in proportion to their weights: no herd runs to the emptiest one. */
export function lessBusyOfTwo<T extends Candidate>(candidates: readonly T[], random: () => number): T | undefined {
  if (candidates.length < 2) return candidates[0];
  const first = pick(candidates, undefined, random);
  const second = pick(candidates, first, random);
  return load(second) < load(first) ? second : first;
}

/**
 * Where a session belongs: the highest of the candidates' scores, each made from session and endpoint alone. An endpoint that
 * comes or goes moves only its own sessions. Undefined where that endpoint is overloaded.
 */
export function homeOf<T extends Candidate>(candidates: readonly T[], affinity: string): T | undefined {
  let home: T | undefined;
  let best = -Infinity;
  let total = 0;
  for (const candidate of candidates) {
    total += load(candidate);
    const score = weightOf(candidate) / -Math.log((hash(`${affinity}\n${candidate.id}`) + 0.5) / 2 ** 32);
    if (score > best) [home, best] = [candidate, score];
  }
  if (home === undefined || load(home) > (2 * total) / candidates.length + AFFINITY_SLACK) return undefined;
  return home;
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

/** FNV-1a with a last mixing: short texts that differ in one character must land far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
