import type { RateWindow } from "../../../domain/configSnapshot";
import type { RateOutcome, RateState } from "../../types";
import type { Queryable, Statement } from "../database";
import { compare, OneAtATime } from "./oneAtATime";

interface Take {
  readonly ownerId: string;
  readonly windows: readonly RateWindow[];
  readonly done: (outcome: RateOutcome) => void;
  readonly failed: (error: unknown) => void;
}

/** How many requests of an owner want to be counted in a window; below 0 gives back. */
interface Count {
  readonly ownerId: string;
  readonly window: RateWindow;
  readonly wanted: number;
}

interface CountRow {
  readonly ownerId: string;
  readonly most: number;
  readonly seconds: number;
  readonly granted: number;
  readonly used: number;
  readonly resetMs: number;
}

/** Grants what still fits into a window, and no more; a window that is over begins anew. */
const COUNT = `
INSERT INTO rate_windows AS w (owner_id, most, seconds, used, granted, ends_at)
SELECT owner_id, most, seconds, greatest(0, least(wanted, most)), least(wanted, most), now() + make_interval(secs => seconds)
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS asked (owner_id, most, seconds, wanted)
ON CONFLICT (owner_id, most, seconds) DO UPDATE SET
  granted = CASE WHEN w.ends_at <= now() THEN excluded.granted ELSE least(excluded.granted, w.most - w.used) END,
  used = CASE WHEN w.ends_at <= now() THEN excluded.used ELSE greatest(0, least(w.used + excluded.granted, w.most)) END,
  ends_at = CASE WHEN w.ends_at <= now() THEN excluded.ends_at ELSE w.ends_at END
RETURNING owner_id AS "ownerId", most, seconds, granted, used, ceil(extract(epoch FROM ends_at - now()) * 1000)::bigint AS "resetMs"`;

/** What somebody writes just now is left for the next time: nobody waits. */
const FORGET = `
DELETE FROM rate_windows WHERE (owner_id, most, seconds) IN
  (SELECT owner_id, most, seconds FROM rate_windows WHERE ends_at < now() LIMIT 10000 FOR UPDATE SKIP LOCKED)`;

/** The windows of all processes on one database: one statement counts whatever waits. */
export class RateWindows {
  readonly #batches = new OneAtATime<Take>((takes) => this.#count(takes));

  constructor(private readonly database: Queryable) {}

  take(ownerId: string, windows: readonly RateWindow[]): Promise<RateOutcome> {
    if (windows.length === 0) return Promise.resolve({ ok: true });
    return new Promise((done, failed) => this.#batches.add({ ownerId, windows, done, failed }));
  }

  /** Removes the windows that are over. */
  async forget(): Promise<void> {
    await this.database.rows(FORGET);
  }

  async #count(takes: readonly Take[]): Promise<readonly Take[]> {
    const { groups, later } = byOwner(takes);
    try {
      const counted = await this.#write(groups.flatMap((group) => countsOf(group, group.length)));
      const answers = groups.map((group) => ({ group, rows: countsOf(group, 0).map((count) => rowOf(counted, count)) }));
      await this.#giveBack(answers);
      for (const { group, rows } of answers) group.forEach((take, place) => take.done(outcomeOf(take, rows, place)));
    } catch (error) {
      for (const take of groups.flat()) take.failed(error);
    }
    return later;
  }

  /** Where one window of an owner was full, the others counted too much. */
  async #giveBack(answers: readonly { readonly group: readonly Take[]; readonly rows: readonly CountRow[] }[]): Promise<void> {
    const back = answers.flatMap(({ group, rows }) => {
      const least = Math.min(...rows.map(({ granted }) => granted));
      return countsOf(group, 0).map((count, at) => ({ ...count, wanted: least - (rows[at]?.granted ?? 0) })).filter(({ wanted }) => wanted < 0);
    });
    if (back.length > 0) await this.#write(back);
  }

  async #write(counts: Count[]): Promise<ReadonlyMap<string, CountRow>> {
    counts.sort((a, b) => compare(a.ownerId, b.ownerId) || a.window.limit - b.window.limit || a.window.seconds - b.window.seconds);
    const statement: Statement = {
      name: "count-requests", text: COUNT,
      values: [counts.map(({ ownerId }) => ownerId), counts.map(({ window }) => window.limit), counts.map(({ window }) => window.seconds), counts.map(({ wanted }) => wanted)],
    };
    const rows = await this.database.rows<CountRow>(statement);
    return new Map(rows.map((row) => [`${row.ownerId} ${row.most} ${row.seconds}`, row]));
  }
}

/** Takes of the same owner that ask for the same windows; those that ask for others wait, since a statement may write a row once. */
function byOwner(takes: readonly Take[]): { readonly groups: readonly Take[][]; readonly later: readonly Take[] } {
  const groups = new Map<string, Take[]>();
  const later: Take[] = [];
  for (const take of takes) {
    const group = groups.get(take.ownerId);
    if (!group) groups.set(take.ownerId, [take]);
    else if (isSame(group[0]?.windows ?? [], take.windows)) group.push(take);
    else later.push(take);
  }
  return { groups: [...groups.values()], later };
}

function isSame(a: readonly RateWindow[], b: readonly RateWindow[]): boolean {
  return a === b || (a.length === b.length && a.every(({ limit, seconds }, at) => limit === b[at]?.limit && seconds === b[at]?.seconds));
}

/** One for each different window. */
function countsOf([first]: readonly Take[], wanted: number): Count[] {
  if (!first) return [];
  const { ownerId, windows } = first;
  const isFirst = (window: RateWindow, at: number) => windows.findIndex(({ limit, seconds }) => limit === window.limit && seconds === window.seconds) === at;
  return windows.filter(isFirst).map((window) => ({ ownerId, window, wanted }));
}

function rowOf(counted: ReadonlyMap<string, CountRow>, { ownerId, window }: Count): CountRow {
  const row = counted.get(`${ownerId} ${window.limit} ${window.seconds}`);
  if (!row) throw new Error("a window was not counted");
  return row;
}

/** @param place among the takes of this owner, from 0: the first ones have what was granted */
function outcomeOf({ windows }: Take, rows: readonly CountRow[], place: number): RateOutcome {
  let tightest: RateState | undefined;
  for (const { most, seconds, granted, used, resetMs } of rows) {
    const window = windows.find((one) => one.limit === most && one.seconds === seconds);
    if (window && place >= granted) return { ok: false, window, state: { limit: most, remaining: 0, resetMs } };
    const remaining = most - (used - granted + place + 1);
    if (!tightest || remaining < tightest.remaining) tightest = { limit: most, remaining, resetMs };
  }
  return tightest ? { ok: true, state: tightest } : { ok: true };
}
