import { page, part, type Reply, type Visit } from "../../visit";
import { effectiveModel } from "./effectiveModel";
import { statusModel } from "./statusModel";

/** What runs, what was refused, what holds for whom, and the form that tries a candidate. */
export async function showConfiguration(visit: Visit): Promise<Reply> {
  const effective = await effectiveModel(visit);
  if (visit.isSwap && effective && "verdicts" in effective) return part("partials/table", effective.verdicts as object);
  return page("admin/configuration", "Configuration", { status: statusModel(visit), effective });
}
