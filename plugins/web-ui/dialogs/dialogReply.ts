import { page, part, type MemberVisit, type Reply } from "../visit";

/** What a dialog shows; without script it is a page of its own. */
export interface DialogContent {
  readonly title: string;
  /** The view below the title. */
  readonly content: string;
  readonly model: object;
  /** Where the page without script leads back to. */
  readonly back: string;
  /** What was typed cannot be taken; said in the content. */
  readonly isRefused?: boolean;
}

/** The element that `views/dialogs/dialog.hbs` makes: forms inside of it swap its content. */
const DIALOG_ID = "open-dialog";

export function dialogReply(visit: MemberVisit, { title, content, model, back, isRefused = false }: DialogContent): Reply {
  const inner = { ...model, title, content, back, isSwap: visit.isSwap };
  if (!visit.isSwap) return page("dialogs/page", title, inner, { status: isRefused ? 422 : 200 });
  return part(visit.req.headers["hx-target"] === DIALOG_ID ? "dialogs/inside" : "dialogs/dialog", inner);
}
