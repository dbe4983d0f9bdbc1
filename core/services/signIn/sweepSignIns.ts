import { isSessionOver, type Session, type SignInLink } from "../../domain/session";
import type { Clock } from "../../clock";
import type { Records, Store } from "../../stores/types";
import { allRows } from "../allRows";

export interface SweepDeps {
  readonly store: Pick<Store, "sessions" | "signInLinks">;
  readonly clock: Clock;
}

/** Removes sessions and sign-in links that are over: at the start and hourly, so that no request has to. @returns how many of each */
export async function sweepSignIns({ store, clock }: SweepDeps): Promise<{ readonly sessions: number; readonly links: number }> {
  const now = clock();
  return {
    sessions: await sweep<Session>(store.sessions, (session) => isSessionOver(session, now)),
    links: await sweep<SignInLink>(store.signInLinks, (link) => link.expiresAt <= now),
  };
}

async function sweep<T extends { readonly id: string }>(records: Records<T>, isOver: (row: T) => boolean): Promise<number> {
  const over: string[] = [];
  for await (const row of allRows(records)) if (isOver(row)) over.push(row.id);
  for (const id of over) await records.delete(id);
  return over.length;
}
