import type { Decision, Reason } from "../domain/accessPolicy";
import type { ApiKey } from "../domain/apiKey";
import type { ConfigSnapshot } from "../domain/configSnapshot";
import { ownerLabel, type Owner } from "../domain/owner";
import { modelDecision, type ModelAccessDeps } from "./modelAccess";
import { done, refused, type Outcome } from "./outcome";

/** A layer that was asked, what it said, and where that stands in the file. */
export interface ExplainedReason {
  readonly stage: Reason["stage"];
  readonly layer: string;
  readonly said: string | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** Why an owner may or may not use a model, as JSON and people read it. */
export interface Explanation {
  readonly owner: string;
  readonly model: string;
  readonly verdict: Decision["verdict"];
  readonly needsConsent: boolean;
  readonly consent: Decision["consent"];
  /** One sentence with the deciding layer and its line. */
  readonly summary: string;
  readonly decidedBy: ExplainedReason;
  readonly reasons: readonly ExplainedReason[];
}

export interface ExplainRequest {
  readonly owner: Owner;
  readonly apiKey?: Pick<ApiKey, "models">;
  readonly model: string;
  readonly via?: "api" | "chat";
}

const VERDICT_TEXT: Record<Decision["verdict"], string> = {
  allowed: "may use",
  denied: "may not use",
  consent_required: "has to give consent before using",
  disabled: "cannot use",
};

/** A6: asks the function that enforces, and puts its reasons into words; it decides nothing itself. */
export async function explainAccess(
  deps: ModelAccessDeps,
  snapshot: ConfigSnapshot,
  { owner, apiKey, model: name, via = "api" }: ExplainRequest,
): Promise<Outcome<Explanation>> {
  const { model, decision } = await modelDecision(deps, snapshot, owner, apiKey, name, via);
  if (!model || !decision) return refused(`There is no model named '${name.slice(0, 200)}' in ${snapshot.file}.`, "model");
  const { verdict, needsConsent, consent } = decision;
  const sentence = `${ownerLabel(owner)} ${VERDICT_TEXT[verdict]} ${model.name}: ${describeReason(decision.decidedBy)}`;
  return done({
    owner: ownerLabel(owner),
    model: model.name,
    verdict,
    needsConsent,
    consent,
    summary: `${sentence}${owner.active ? "." : "; besides, this account is deactivated."}`,
    decidedBy: explained(decision.decidedBy),
    reasons: decision.reasons.map(explained),
  });
}

/** `clients.research-bot names it: whitelist (config.yaml:41)` */
export function describeReason(reason: Reason): string {
  const { layer, said, at } = reason;
  const place = at ? ` (${at.file}:${at.line})` : "";
  return `${WORDING[reason.stage](layer, said)}${place}`;
}

const WORDING: Record<Reason["stage"], (layer: string, said: string | undefined) => string> = {
  disabled: () => "the model is disabled",
  named: (layer, said) => (said === undefined ? `${layer} does not name it` : `${layer} has it on its ${said}`),
  model: (_layer, said) => (said === undefined ? "the model itself says nothing" : `the model's own access is ${said}`),
  default: (layer, said) => (said === undefined ? `${layer} has no default` : `${layer} has the default ${said}`),
  needs_ack: () => "the model needs an acknowledgement",
  consent: (layer, said) => (layer === "consent" ? `consent: ${said ?? "none"}` : `${layer}: ${said ?? "none"}`),
  key: (_layer, said) => (said === "named" ? "the key names it" : "the key is narrowed to other models"),
};

function explained({ stage, layer, said, at }: Reason): ExplainedReason {
  return { stage, layer, said: said ?? null, file: at?.file ?? null, line: at?.line ?? null };
}
