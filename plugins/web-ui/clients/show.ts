import { clientBudget } from "../../../core/services/clients/clientBudget";
import { managersOf } from "../../../core/services/clients/managersOf";
import { renameWarnings } from "../../../core/services/clients/renameClient";
import { accessSection } from "../access/accessSection";
import { questions } from "../dialogs/questions";
import { keysSection } from "../keys/keysSection";
import { page, part, type MemberVisit, type Reply } from "../visit";
import { budgetCards } from "./budgetCards";
import { clientOf } from "./clientOf";
import { MANAGERS_TABLE, managersTable } from "./managersTable";

/** `GET /clients/:id`: budget, managers, keys and model access of one client. A swap brings the managers, or the cards for a refill that came due. */
export async function showClient(visit: MemberVisit): Promise<Reply> {
  const { deps, snapshot, query, isAdmin } = visit;
  const client = await clientOf(visit);
  const managers = managersTable(await managersOf(deps, client), query, { client, canRemove: isAdmin });
  if (visit.isSwap && visit.req.headers["hx-target"] === MANAGERS_TABLE) return part("partials/table", managers);
  const { id, name, active } = client;
  const cards = { id, ...budgetCards(await clientBudget(deps, snapshot, client)) };
  if (visit.isSwap) return part("clients/cards", cards);
  const base = `/clients/${id}`;
  const [keys, access] = await Promise.all([keysSection(visit, client, base), accessSection(visit, client, base)]);
  const renamedFrom = isAdmin ? query.get("renamed") : null;
  return page("clients/show", name, {
    client: { id, name, active }, isAdmin, asksToDeactivate: questions.deactivateClient(name),
    cards,
    managers, keys, access,
    managerForm: { clientId: id },
    renameForm: { clientId: id, name },
    warnings: renamedFrom === null ? [] : renameWarnings(snapshot, renamedFrom, name),
  });
}
