import type { Client } from "../../../core/domain/owner";
import { NotFound, type Visit } from "../visit";

/** The client in the path. @throws NotFound where there is none */
export async function clientOf({ deps, params }: Visit): Promise<Client> {
  const client = await deps.store.clients.get(params["id"] ?? "");
  if (!client) throw new NotFound();
  return client;
}
