import { consentId, type Consent } from "../domain/consent";
import type { CatalogModel } from "../domain/modelCatalog";
import { ownerLabel, type Owner } from "../domain/owner";
import type { Store } from "../stores/types";
import { audit, type AuditDeps } from "./audit";
import { changeRow } from "./changeRow";
import { done, refused, type Outcome } from "./outcome";

export interface ConsentDeps extends AuditDeps {
  readonly store: Pick<Store, "consents" | "auditLog">;
}

export interface ConsentGiven {
  /** Consent is this owner's alone: a user's does not cover their clients, nor the reverse (docs/rules.md S3). */
  readonly owner: Owner;
  readonly model: CatalogModel;
  /** The hash of the text that the person saw; where it is not the text in force, they are asked to read again. */
  readonly noticeHash?: string;
  /** The person's id, or `cli`. */
  readonly by: string;
}

/** S1, S2: one owner, one model, one text, who and when. A consent that already covers this text stays as it was given. */
export async function recordConsent(deps: ConsentDeps, given: ConsentGiven): Promise<Outcome<Consent>> {
  const { owner, model, by } = given;
  if (given.noticeHash !== undefined && given.noticeHash !== model.noticeHash) {
    return refused("The notice has changed since it was shown. Read it again.", "noticeHash");
  }
  const id = consentId(owner.id, model.name);
  const fresh: Consent = {
    id,
    ownerId: owner.id,
    model: model.name,
    noticeHash: model.noticeHash,
    givenBy: by,
    givenAt: deps.clock(),
  };
  let changed = false;
  const row = await changeRow<Consent>(deps.store.consents, id, (found) => {
    changed = found?.noticeHash !== model.noticeHash || found.withdrawnAt !== undefined;
    return changed ? fresh : undefined;
  });
  if (changed) {
    await audit(deps, by, "consent.record", owner.id, {
      owner: ownerLabel(owner),
      model: model.name,
      noticeHash: model.noticeHash,
    });
  }
  return done(row ?? fresh);
}
