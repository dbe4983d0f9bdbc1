import { renderMarkdown } from "../../../core/adapters/markdown/renderMarkdown";
import { safeHtml } from "../../../core/adapters/views/openViews";
import { displayCoins } from "../../../core/domain/coins";
import type { CatalogModel } from "../../../core/domain/modelCatalog";
import { totalTokens } from "../../../core/domain/usage";
import { usageStretch } from "../../../core/domain/usagePeriod";
import { describeReason } from "../../../core/services/explainAccess";
import { badgeOf, ownDecision } from "../access/accessRows";
import { callSnippets } from "../connect/snippets";
import { baseUrlOf } from "../origin";
import { sparkline } from "../usage/sparkline";
import { NotFound, page, type MemberVisit, type Reply } from "../visit";
import { STATUS_TONES } from "./modelStatus";

/** One model: what it is, what it costs, whether the visitor may use it and why, and how to call it. */
export async function showModel(visit: MemberVisit): Promise<Reply> {
  const model = visit.snapshot.models.get(visit.params["name"] ?? "");
  const decision = model && (await ownDecision(visit, visit.user, model.name));
  if (!model || !decision) throw new NotFound();
  const { upstreams } = visit.deps;
  const access = badgeOf(decision);
  const status = upstreams.status(model);
  const path = encodeURIComponent(model.name);
  return page("models/show", model.name, {
    model, access, status, tone: STATUS_TONES[status],
    description: model.description && safeHtml(renderMarkdown(model.description)),
    notice: decision.needsConsent && model.notice.trim() !== "" ? safeHtml(renderMarkdown(model.notice)) : undefined,
    reason: reasonText(visit, decision.decidedBy), whyHref: `/profile/access/${path}/why`,
    consentHref: decision.needsConsent ? `/profile/access/${path}/consent` : undefined,
    canUse: decision.verdict === "allowed", chatHref: model.capabilities.includes("chat") ? `/chat?${new URLSearchParams({ model: model.name }).toString()}` : undefined,
    endpoints: endpointsOf(visit, model), ...upstreams.healthy(model),
    prices: pricesOf(model), facts: factsOf(model),
    snippets: callSnippets(baseUrlOf(visit.req, visit.snapshot), model), connectHref: `/connect?${new URLSearchParams({ model: model.name }).toString()}`,
    ...(await useOf(visit, model)),
  });
}

/** A6; where a rule stands in the file is for admins. */
function reasonText({ isAdmin }: MemberVisit, decidedBy: Parameters<typeof describeReason>[0]): string {
  return describeReason(isAdmin ? decidedBy : { ...decidedBy, at: undefined });
}

/** Up or down for all, addresses for admins. */
function endpointsOf({ deps, isAdmin }: MemberVisit, model: CatalogModel): readonly object[] {
  return model.endpoints.map((endpoint, index) => {
    const { healthy } = deps.upstreams.healthy({ ...model, endpoints: [endpoint] });
    const isUp = !model.disabled && healthy === 1;
    return {
      name: isAdmin ? endpoint.url : `Endpoint ${index + 1}`, label: model.disabled ? "disabled" : isUp ? "up" : "down",
      tone: model.disabled ? "quiet" : isUp ? "good" : "bad",
    };
  });
}

function pricesOf({ price }: CatalogModel): readonly object[] {
  const rates: readonly (readonly [string, bigint | undefined, string])[] = [
    ["Input", price.inputPerMillionNano, "per million tokens"],
    ["Output", price.outputPerMillionNano, "per million tokens"],
    ["Cached input", price.cachedInputPerMillionNano, "per million tokens"],
    ["Cache write", price.cacheWritePerMillionNano, "per million tokens"],
    ["Audio", price.audioPerHourNano, "per hour"],
    ["Image", price.perImageNano, "each"],
    ["Speech", price.perMillionCharactersNano, "per million characters"],
    ["Request", price.perRequestNano, "each"],
  ];
  return rates.filter(([, rate]) => rate !== undefined).map(([label, rate, unit]) => ({ label, amount: displayCoins(rate ?? 0n), unit }));
}

function factsOf(model: CatalogModel): readonly object[] {
  const tokens = (count: number | undefined) => (count === undefined ? undefined : `${count.toLocaleString("en-US")} tokens`);
  const yesNo = (flag: boolean | undefined) => (flag === undefined ? undefined : flag ? "yes" : "no");
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Context window", tokens(model.contextWindow)],
    ["Longest input", tokens(model.maxInputTokens)],
    ["Longest answer", tokens(model.maxOutputTokens)],
    ["Knowledge until", model.knowledgeCutoff],
    ["Takes", model.inputModalities.join(", ")],
    ["Gives", model.outputModalities.join(", ")],
    ["Reasoning", yesNo(model.supportsReasoning)],
    ["Function calling", yesNo(model.supportsFunctionCalling)],
    ["Served for", model.capabilities.join(", ")],
  ];
  return facts.filter(([, text]) => text !== undefined && text !== "").map(([label, text]) => ({ label, text }));
}

/** The visitor's own use, and its last 30 days as a line. */
async function useOf({ deps, user }: MemberVisit, model: CatalogModel): Promise<object> {
  const filter = { ownerId: user.id, model: model.name };
  const stretch = usageStretch("month", deps.clock(), 0);
  const [totals, days] = await Promise.all([
    deps.store.usage.totals(filter),
    deps.store.usage.totalsBy("day", { ...filter, period: { unit: "day", from: stretch.names[0] ?? "" } }),
  ]);
  const values = stretch.names.map((name) => days.get(name)?.requests ?? 0);
  const recent = values.reduce((sum, value) => sum + value, 0);
  return {
    totals, tokens: totalTokens(totals),
    line: recent > 0 ? sparkline(values, `Requests per day, the last 30 days: ${recent.toLocaleString("en-US")} in all`, { width: 240, height: 40 }) : undefined,
  };
}
