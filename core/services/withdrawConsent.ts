import { consentId, type Consent } from "../domain/consent";
import { ownerLabel, type Owner } from "../domain/owner";
import { audit } from "./audit";
import { changeRow } from "./changeRow";
import { done, refused, type Outcome } from "./outcome";
import type { ConsentDeps } from "./recordConsent";

export interface ConsentWithdrawn {
  readonly owner: Owner;
  /** By name: consent may also be withdrawn for a model that is not in the configuration any more. */
  readonly model: string;
  readonly by: string;
}

/** S5: from the next call on the model asks for consent again; running calls finish (K4). Withdrawing twice is once. */
export async function withdrawConsent(deps: ConsentDeps, request: ConsentWithdrawn): Promise<Outcome<Consent>> {
  const { owner, model, by } = request;
  const now = deps.clock();
  let changed = false;
  const row = await changeRow<Consent>(deps.store.consents, consentId(owner.id, model), (found) => {
    changed = found !== undefined && found.withdrawnAt === undefined;
    return found && changed ? { ...found, withdrawnAt: now } : undefined;
  });
  if (!row) return refused(`${ownerLabel(owner)} has given no consent for '${model.slice(0, 200)}'.`, "model");
  if (changed) await audit(deps, by, "consent.withdraw", owner.id, { owner: ownerLabel(owner), model });
  return done(row);
}
