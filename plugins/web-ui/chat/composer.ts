import type { NanoCoins } from "../../../core/domain/coins";
import { activeBranch } from "../../../core/domain/chatThread";
import { isLowBalance } from "../../../core/domain/poolBalanceView";
import type { TypedSettings } from "../../../core/services/chat/changeSettings";
import { MOST_FILES } from "../../../core/services/chat/answerQuestion";
import type { OpenConversation } from "../../../core/services/chat/openConversation";
import { readUpload } from "../../../core/services/chat/uploadFile";
import { describeReason } from "../../../core/services/explainAccess";
import { modelDecision } from "../../../core/services/modelAccess";
import { poolBalance } from "../../../core/services/poolBalance";
import type { MemberVisit } from "../visit";
import { attachmentModel } from "./messages";
import type { AttachmentModel, ClosedModel, ComposerModel, ModelChoice } from "./models";

/** What a form that came back holds. */
export interface ComposerState {
  readonly text?: string;
  readonly problem?: string;
  readonly model?: string;
  readonly uploads?: readonly string[];
  /** Of a new conversation. */
  readonly settings?: TypedSettings;
}

export async function composerOf(visit: MemberVisit, open: OpenConversation | undefined, state: ComposerState = {}): Promise<ComposerModel> {
  const { maxBytes, allowedExtensions } = visit.snapshot.sections.upload;
  const { models, closedModels } = await modelChoices(visit, state.model ?? open?.conversation.model ?? visit.query.get("model") ?? undefined);
  const lowBalance = await lowBalanceOf(visit, open);
  return {
    action: open ? `/chat/${open.conversation.id}/messages` : "/chat",
    text: state.text ?? "",
    ...(state.problem === undefined ? {} : { problem: state.problem }),
    models, closedModels, manyModels: models.length + closedModels.length > 8,
    chosenModel: models.find(({ isChosen }) => isChosen)?.name ?? "",
    accept: allowedExtensions.map((extension) => `.${extension}`).join(","),
    maxBytes, maxFiles: MOST_FILES,
    uploads: await uploadsOf(visit, state.uploads ?? []),
    uploadAction: "/chat/uploads",
    ...(lowBalance ? { lowBalance } : {}),
  };
}

/** The models that this person can chat with now, or could after a consent, and those that are closed, with why (docs/rules.md A6, S4). */
async function modelChoices({ deps, snapshot, user }: MemberVisit, wanted: string | undefined): Promise<Pick<ComposerModel, "models" | "closedModels">> {
  const choices: Omit<ModelChoice, "isChosen">[] = [];
  const closedModels: ClosedModel[] = [];
  for (const model of snapshot.models.values()) {
    if (!model.capabilities.includes("chat")) continue;
    const { decision } = await modelDecision(deps, snapshot, user, undefined, model.name, "chat");
    if (!decision) continue;
    if (decision.verdict !== "allowed" && decision.verdict !== "consent_required") {
      closedModels.push({ name: model.name, reason: describeReason({ ...decision.decidedBy, at: undefined }) });
      continue;
    }
    choices.push({
      name: model.name, description: model.description, contextWindow: model.contextWindow,
      inputPerMillionNano: model.price.inputPerMillionNano, outputPerMillionNano: model.price.outputPerMillionNano,
      status: deps.upstreams.status(model), needsConsent: decision.verdict === "consent_required", takesImages: model.inputModalities.includes("image"),
    });
  }
  const chosen = choices.find(({ name }) => name === wanted) ?? choices.find(({ needsConsent }) => !needsConsent) ?? choices[0];
  return { models: choices.map((choice) => ({ ...choice, isChosen: choice === chosen })), closedModels };
}

async function uploadsOf({ deps, user }: MemberVisit, ids: readonly string[]): Promise<AttachmentModel[]> {
  const files = await Promise.all(ids.map((id) => readUpload(deps, user.id, id)));
  return files.flatMap((file) => (file ? [attachmentModel("/chat/uploads", file.attachment)] : []));
}

/** Below `coins.low_balance_percent`, or less than the last answer here cost. */
async function lowBalanceOf({ deps, snapshot, user }: MemberVisit, open: OpenConversation | undefined): Promise<ComposerModel["lowBalance"]> {
  const pool = await poolBalance(deps, snapshot, user);
  if (pool.kind !== "limited") return undefined;
  const { availableNano } = pool;
  const lastCostNano = open && lastCostOf(open);
  if (!isLowBalance(pool, snapshot.coins.lowBalancePercent) && !(lastCostNano !== undefined && availableNano < lastCostNano)) return undefined;
  return { availableNano, ...(lastCostNano === undefined ? {} : { lastCostNano }) };
}

function lastCostOf({ conversation, tree }: OpenConversation): NanoCoins | undefined {
  return activeBranch(tree, conversation.leafId).findLast(({ message }) => message.costNano !== undefined)?.message.costNano;
}
