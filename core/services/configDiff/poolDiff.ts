import { sameTerms, type PoolTerms } from "../../domain/coinPool";
import { formatCoins } from "../../domain/coins";
import type { ConfigSnapshot } from "../../domain/configSnapshot";
import type { Owner } from "../../domain/owner";
import { poolTermsOf } from "../../domain/ownerSettings";
import { Affected } from "./affected";
import type { PoolTermsChange, PoolWords } from "./types";

/** Whose pool would be another; owners with the same change are one row. */
export class PoolComparison {
  private readonly found = new Map<string, { before: PoolWords; after: PoolWords; owners: Affected }>();

  constructor(private readonly before: ConfigSnapshot, private readonly after: ConfigSnapshot) {}

  add(owner: Owner): void {
    const was = poolTermsOf(owner, this.before).terms;
    const is = poolTermsOf(owner, this.after).terms;
    if (was === is || (was && is && sameTerms(was, is))) return;
    const [before, after] = [poolWords(was), poolWords(is)];
    const key = JSON.stringify([before, after]);
    let row = this.found.get(key);
    if (!row) this.found.set(key, (row = { before, after, owners: new Affected() }));
    row.owners.add(owner);
  }

  changes(): readonly PoolTermsChange[] {
    const rows = [...this.found.values()].map(({ before, after, owners }) => ({ before, after, owners: owners.owners }));
    return rows.sort((a, b) => b.owners.users + b.owners.clients - a.owners.users - a.owners.clients);
  }
}

export function poolWords(terms: PoolTerms | undefined): PoolWords {
  if (terms?.kind !== "limited") return { kind: terms?.kind ?? "none" };
  return { kind: "limited", max: formatCoins(terms.maxNano), refresh: formatCoins(terms.refreshNanoPerHour), starting: formatCoins(terms.startingNano) };
}
