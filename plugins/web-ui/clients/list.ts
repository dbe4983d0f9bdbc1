import { visibleClients } from "../../../core/services/clients/visibleClients";
import { NotFound, page, part, type MemberVisit, type Reply } from "../visit";
import { clientsTable } from "./clientsTable";

/** `GET /clients`: what somebody manages, or all for an administrator; for everybody else there is no such page (docs/rules.md, Roles). */
export async function listClientsPage(visit: MemberVisit): Promise<Reply> {
  if (!visit.isAdmin && visit.deps.managers.clientsOf(visit.user.id).length === 0) throw new NotFound();
  const rows = await visibleClients(visit.deps, visit);
  const table = clientsTable(rows, visit.query);
  if (visit.isSwap) return part("partials/table", table);
  const totals = {
    clients: rows.length,
    requests: rows.reduce((sum, { requests }) => sum + requests, 0),
    tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
    spentNano: rows.reduce((sum, { costNano }) => sum + costNano, 0n),
  };
  return page("clients/list", "Clients", { totals, table, form: { name: "" }, isAdmin: visit.isAdmin });
}
