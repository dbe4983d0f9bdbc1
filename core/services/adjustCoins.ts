import { formatCoins, type NanoCoins } from "../domain/coins";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import type { Adjustment } from "../domain/ledgerEntry";
import { ownerLabel, type Owner } from "../domain/owner";
import { poolTermsOf } from "../domain/ownerSettings";
import type { Store } from "../stores/types";
import { audit, type AuditDeps } from "./audit";
import { done, refused, type Outcome } from "./outcome";

export interface AdjustCoinsDeps extends AuditDeps {
  readonly store: Pick<Store, "ledger" | "auditLog">;
}

export interface CoinAdjustment {
  readonly owner: Owner;
  readonly snapshot: ConfigSnapshot;
  readonly kind: "grant" | "take" | "reset";
  /** Above 0; none for a reset. */
  readonly amountNano?: NanoCoins;
  readonly reason: string;
  readonly by: string;
}

export interface CoinsAdjusted {
  readonly adjustment: Adjustment;
  readonly balanceNano: NanoCoins;
}

const LONGEST_REASON = 500;

/** P7: an admin grants, takes (not below 0) or resets to `starting`, with a reason; each is a ledger entry. */
export async function adjustCoins(deps: AdjustCoinsDeps, request: CoinAdjustment): Promise<Outcome<CoinsAdjusted>> {
  const { owner, kind, amountNano, by } = request;
  const reason = request.reason.trim();
  if (reason === "" || reason.length > LONGEST_REASON) {
    return refused(`A reason is needed, of at most ${LONGEST_REASON} characters.`, "reason");
  }
  if (kind !== "reset" && (amountNano === undefined || amountNano <= 0n)) {
    return refused("The amount has to be above 0.", "amountNano");
  }
  const { terms, from } = poolTermsOf(owner, request.snapshot);
  const label = ownerLabel(owner);
  if (!terms) return refused(`${label} has no coin pool: set one in config.yaml first (asked last: ${from}).`);
  if (terms.kind === "unlimited") return refused(`The pool of ${label} is unlimited (${from}): there is nothing to adjust.`);
  if (terms.kind === "blocked") {
    return refused(`The pool of ${label} is blocked by max: 0 (${from}): coins would not help. Change the configuration.`);
  }
  const at = deps.clock();
  const amount = kind === "reset" ? {} : { amountNano };
  const adjustment = await deps.store.ledger.adjust({ pool: owner.id, kind, ...amount, terms, by, reason, at });
  if (!adjustment) return refused(`The pool of ${label} has no balance to adjust.`);
  await audit(deps, by, `coins.${kind}`, owner.id, { owner: label, amount: formatCoins(adjustment.amountNano), reason });
  const pool = await deps.store.ledger.pool(owner.id, at);
  return done({ adjustment, balanceNano: pool?.balanceNano ?? 0n });
}
