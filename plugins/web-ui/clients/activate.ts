import { setClientActive } from "../../../core/services/clients/setClientActive";
import { askFirst } from "../dialogs/askFirst";
import { questions } from "../dialogs/questions";
import { bad, good, redirect, type MemberHandler } from "../visit";
import { clientOf } from "./clientOf";

/** `POST /clients/:id/activate` and `…/deactivate` (docs/rules.md K4). */
export function setActiveFromForm(active: boolean): MemberHandler {
  return async (visit) => {
    const { id, name } = await clientOf(visit);
    const question = active ? undefined : askFirst(visit, questions.deactivateClient(name), `/clients/${id}`);
    if (question) return question;
    const set = await setClientActive(visit.deps, { id, active, by: visit.user.id });
    if (!set.ok) return redirect(`/clients/${id}`, bad(set.message));
    return redirect(`/clients/${id}`, good(active ? `${name} is active: its keys work again.` : `${name} is deactivated: its calls are refused.`));
  };
}
