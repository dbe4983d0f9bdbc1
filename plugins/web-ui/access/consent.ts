import { renderMarkdown } from "../../../core/adapters/markdown/renderMarkdown";
import { safeHtml } from "../../../core/adapters/views/openViews";
import { consentId, consentState, type Consent } from "../../../core/domain/consent";
import type { CatalogModel } from "../../../core/domain/modelCatalog";
import { recordConsent } from "../../../core/services/recordConsent";
import { withdrawConsent } from "../../../core/services/withdrawConsent";
import { askFirst } from "../dialogs/askFirst";
import { dialogReply } from "../dialogs/dialogReply";
import { questions } from "../dialogs/questions";
import { ownerPageOf, pageQuery, type OwnerPage } from "../ownerPages";
import { bad, good, NotFound, part, redirect, type MemberVisit, type Reply, type Toast } from "../visit";
import { ownDecision } from "./accessRows";
import { accessTable } from "./accessSection";

/** The notice, and who accepted it when. */
export async function showConsent(visit: MemberVisit): Promise<Reply> {
  const page = await ownerPageOf(visit);
  return consentReply(visit, page, await askingModel(visit, page));
}

/** S1, S3: consent of this owner, by the person who is signed in, to the text that they saw. */
export async function acceptConsent(visit: MemberVisit): Promise<Reply> {
  const page = await ownerPageOf(visit);
  const model = await askingModel(visit, page);
  const given = await recordConsent(visit.deps, { owner: page.owner, model, noticeHash: visit.form.text("noticeHash"), by: visit.user.id });
  if (!given.ok) return consentReply(visit, page, model, given.message);
  return accessChanged(visit, page, good(`${model.name} can be used now.`));
}

/** S5: also of a model that is not in the configuration any more. */
export async function takeBackConsent(visit: MemberVisit): Promise<Reply> {
  const page = await ownerPageOf(visit);
  const model = visit.params["model"] ?? "";
  const question = askFirst(visit, questions.withdrawConsent(model), `${page.base}/access/${encodeURIComponent(model)}/consent`);
  if (question) return question;
  const withdrawn = await withdrawConsent(visit.deps, { owner: page.owner, model, by: visit.user.id });
  return accessChanged(visit, page, withdrawn.ok ? good(`Consent for ${model} is withdrawn.`) : bad(withdrawn.message));
}

/** @throws NotFound for a model that asks this owner for no consent */
async function askingModel(visit: MemberVisit, { owner }: OwnerPage): Promise<CatalogModel> {
  const model = visit.snapshot.models.get(visit.params["model"] ?? "");
  const decision = model && (await ownDecision(visit, owner, model.name));
  if (!model || !decision?.needsConsent) throw new NotFound();
  return model;
}

async function consentReply(visit: MemberVisit, { owner, base }: OwnerPage, model: CatalogModel, fault?: string): Promise<Reply> {
  const { deps, snapshot } = visit;
  const consent = await deps.store.consents.get(consentId(owner.id, model.name));
  const state = consentState(consent, model.noticeHash, snapshot.consent.renewOnChange);
  const notice = model.notice.trim() || "This model asks for your consent before it is used.";
  return dialogReply(visit, {
    title: model.name,
    content: "access/consent",
    back: base,
    isRefused: fault !== undefined,
    model: {
      action: `${base}/access/${encodeURIComponent(model.name)}`,
      asksToWithdraw: questions.withdrawConsent(model.name),
      notice: safeHtml(renderMarkdown(notice)),
      noticeHash: model.noticeHash,
      ownerName: owner.kind === "client" ? owner.name : undefined,
      isValid: state === "valid",
      isOutdated: state === "outdated",
      given: consent && (await givenBy(visit, consent)),
      fault,
    },
  });
}

async function givenBy({ deps, user }: MemberVisit, { givenBy: by, givenAt, withdrawnAt }: Consent): Promise<object> {
  const person = by === user.id ? "you" : (await deps.store.users.get(by))?.name;
  return { by: person ?? "an administrator", at: givenAt, withdrawnAt };
}

/** Closes the dialog and shows the table as it is now; without script, the page. */
async function accessChanged(visit: MemberVisit, { owner, base }: OwnerPage, toast: Toast): Promise<Reply> {
  if (!visit.isSwap) return redirect(`${base}#access`, toast);
  return part("access/changed", { table: await accessTable(visit, owner, base, pageQuery(visit)) }, { toast });
}
