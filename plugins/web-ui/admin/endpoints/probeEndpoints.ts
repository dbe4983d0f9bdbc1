import { pageQuery } from "../../ownerPages";
import { bad, good, NotFound, part, redirect, type Reply, type Toast, type Visit } from "../../visit";
import { endpointsTable } from "./endpointsTable";

/** Asks one endpoint, or all, whether it is well: at once, beside the rhythm of the probes. */
export async function probeEndpoints(visit: Visit): Promise<Reply> {
  const { deps, snapshot, form } = visit;
  const wanted = form.text("endpoint");
  const models = [...snapshot.models.values()].filter((model) => !model.disabled);
  const endpoints = models.flatMap((model) => model.endpoints).filter(({ id }) => wanted === "" || id === wanted);
  if (wanted !== "" && endpoints.length === 0) throw new NotFound();
  await Promise.all(endpoints.map((endpoint) => deps.upstreams.probe(endpoint)));
  const unwell = endpoints.filter((endpoint) => deps.upstreams.endpoint(endpoint).lastProbe?.reason !== undefined).length;
  const toast = verdict(endpoints.length, unwell);
  return visit.isSwap ? part("partials/table", endpointsTable({ ...visit, query: pageQuery(visit) }), { toast }) : redirect("/admin/endpoints", toast);
}

function verdict(asked: number, unwell: number): Toast {
  if (asked === 0) return bad("There is no endpoint to ask.");
  if (unwell === 0) return good(asked === 1 ? "The endpoint is well." : `All ${asked} endpoints are well.`);
  return bad(asked === 1 ? "The endpoint did not answer as it should." : `${unwell} of ${asked} endpoints did not answer as they should.`);
}
