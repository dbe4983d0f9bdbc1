import type { Client, User } from "../../domain/owner";
import { totalTokens } from "../../domain/usage";
import type { Store, UsageTotals } from "../../stores/types";
import { listClients } from "../listClients";
import type { ManagerIndex } from "./managerIndex";

export interface VisibleClientsDeps {
  readonly store: Pick<Store, "clients" | "usage">;
  readonly managers: Pick<ManagerIndex, "clientsOf">;
}

/** A client with what it used so far. */
export interface ClientUsage {
  readonly client: Client;
  readonly requests: number;
  /** Input and output. */
  readonly tokens: number;
  readonly costNano: bigint;
}

/** Who looks: an administrator sees every client, others those that they manage (docs/rules.md, Roles). */
export interface Looker {
  readonly user: Pick<User, "id">;
  readonly isAdmin: boolean;
}

/** The clients that somebody may see, each with its totals; one question to the store for all of them. */
export async function visibleClients(deps: VisibleClientsDeps, { user, isAdmin }: Looker): Promise<readonly ClientUsage[]> {
  const clients = isAdmin ? await listClients(deps) : await managedBy(deps, user.id);
  const totals = await deps.store.usage.totalsBy("ownerId", { ownerIds: clients.map(({ id }) => id) });
  return clients.map((client) => usageOf(client, totals.get(client.id)));
}

async function managedBy(deps: VisibleClientsDeps, userId: string): Promise<readonly Client[]> {
  const rows = await Promise.all(deps.managers.clientsOf(userId).map((id) => deps.store.clients.get(id)));
  return rows.filter((client) => client !== undefined);
}

function usageOf(client: Client, totals: UsageTotals | undefined): ClientUsage {
  const { requests = 0, costNano = 0n } = totals ?? {};
  return { client, requests, tokens: totalTokens(totals), costNano };
}
