import type { IssuedApiKey } from "../domain/apiKey";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { ownerLabel, type Owner } from "../domain/owner";
import type { Store } from "../stores/types";
import { audit } from "./audit";
import { newKey, type IssueApiKeyDeps } from "./issueApiKey";
import { checkKeyTerms, type KeyTerms } from "./keyTerms";
import { done, type Outcome } from "./outcome";

export interface CreateApiKeyDeps extends IssueApiKeyDeps {
  readonly store: Pick<Store, "keys" | "auditLog">;
}

export interface NewApiKey extends KeyTerms {
  readonly owner: Owner;
  readonly snapshot: ConfigSnapshot;
  readonly by: string;
}

/** Makes and saves a key in one step, as the command line does; the pages issue it first and save it then (docs/rules.md K1). */
export async function createApiKey(deps: CreateApiKeyDeps, request: NewApiKey): Promise<Outcome<IssuedApiKey>> {
  const { owner, snapshot, by } = request;
  const terms = checkKeyTerms(request, snapshot, deps.clock());
  if (!terms.ok) return terms;
  const { row, secret } = await newKey(deps, owner);
  const apiKey = await deps.store.keys.put({ ...row, ...terms.value, status: "active" });
  await audit(deps, by, "key.create", apiKey.id, { owner: ownerLabel(owner), name: apiKey.name, hint: apiKey.hint });
  return done({ apiKey, secret }, terms.warnings);
}
