import type { Decision } from "../../../core/domain/accessPolicy";
import type { CatalogModel } from "../../../core/domain/modelCatalog";
import type { Owner } from "../../../core/domain/owner";
import { modelDecision } from "../../../core/services/modelAccess";
import type { UsageTotals } from "../../../core/stores/types";
import type { MemberVisit } from "../visit";

/** The four badges of access. */
export interface AccessBadge {
  readonly kind: "needs-consent" | "consented" | "allowed" | "blocked";
  readonly label: string;
  readonly tone: "good" | "warn" | "bad";
}

export interface AccessRow {
  readonly model: CatalogModel;
  /** Undefined: never used. */
  readonly totals?: UsageTotals;
  readonly access: AccessBadge;
  readonly status: "ok" | "degraded" | "down" | "disabled";
}

const BADGES = {
  "needs-consent": { kind: "needs-consent", label: "Needs consent", tone: "warn" },
  consented: { kind: "consented", label: "Consented", tone: "good" },
  allowed: { kind: "allowed", label: "Allowed", tone: "good" },
  blocked: { kind: "blocked", label: "Blocked", tone: "bad" },
} as const satisfies Record<AccessBadge["kind"], AccessBadge>;

/** Every model of the configuration with what this owner may do with it and did with it. */
export async function accessRows(visit: MemberVisit, owner: Owner): Promise<readonly AccessRow[]> {
  const { deps, snapshot } = visit;
  const totals = await deps.store.usage.totalsBy("model", { ownerId: owner.id });
  const models = [...snapshot.models.values()];
  return Promise.all(models.map(async (model) => {
    const decision = await ownDecision(visit, owner, model.name);
    return { model, totals: totals.get(model.name), access: badgeOf(decision), status: deps.upstreams.status(model) };
  }));
}

/** People chat, clients call the API: S4 may free the API alone of consent. */
export async function ownDecision({ deps, snapshot }: Pick<MemberVisit, "deps" | "snapshot">, owner: Owner, model: string): Promise<Decision | undefined> {
  const { decision } = await modelDecision(deps, snapshot, owner, undefined, model, owner.kind === "user" ? "chat" : "api");
  return decision;
}

export function badgeOf(decision: Decision | undefined): AccessBadge {
  if (decision?.verdict === "consent_required") return BADGES["needs-consent"];
  if (decision?.verdict !== "allowed") return BADGES.blocked;
  return decision.needsConsent ? BADGES.consented : BADGES.allowed;
}
