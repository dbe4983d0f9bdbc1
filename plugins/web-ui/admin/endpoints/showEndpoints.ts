import { page, part, type Reply, type Visit } from "../../visit";
import { endpointsTable } from "./endpointsTable";

/** Where models are served, and how well; the table comes alone where the page refreshes itself. */
export function showEndpoints(visit: Visit): Reply {
  const table = endpointsTable(visit);
  return visit.isSwap ? part("partials/table", table) : page("admin/endpoints", "Endpoints", { table });
}
