import type { Client } from "../../domain/owner";
import type { Records, Versioned } from "../../stores/types";
import { allRows } from "../allRows";

/** Which clients somebody manages: asked on every page, so it is kept and not searched for. */
export interface ManagerIndex {
  /** The ids of the clients that this user manages, in order; deactivated ones too. */
  clientsOf(userId: string): readonly string[];
  close(): void;
}

const NONE: readonly string[] = [];

/** Reads all clients once, and follows every change from then on. */
export async function openManagerIndex(clients: Pick<Records<Client>, "list" | "watch">): Promise<ManagerIndex> {
  const known = new Map<string, { readonly revision: number; readonly managers: readonly string[] }>();
  const byUser = new Map<string, readonly string[]>();
  const set = (id: string, revision: number, managers: readonly string[]) => {
    const before = known.get(id);
    // What the first reading finds may be older than a change that was told meanwhile.
    if (before && before.revision > revision) return;
    for (const user of before?.managers ?? NONE) {
      const left = (byUser.get(user) ?? NONE).filter((one) => one !== id);
      if (left.length > 0) byUser.set(user, left);
      else byUser.delete(user);
    }
    known.set(id, { revision, managers });
    for (const user of new Set(managers)) byUser.set(user, [...(byUser.get(user) ?? NONE), id].sort());
  };
  const setRow = ({ id, revision, managers }: Versioned<Client>) => set(id, revision, managers);
  const close = clients.watch(({ id, row }) => (row ? setRow(row) : set(id, Number.MAX_SAFE_INTEGER, NONE)));
  for await (const client of allRows(clients)) setRow(client);
  return { clientsOf: (userId) => byUser.get(userId) ?? NONE, close };
}
