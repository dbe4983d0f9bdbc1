import type { Conversation } from "../../domain/conversation";
import type { Page } from "../../stores/types";
import { allRows } from "../allRows";
import type { ChatDeps } from "./types";

/** Newest first by the last message. The cursor is a place in time, so that what moves up meanwhile is not shown twice. */
export async function listConversations(
  deps: Pick<ChatDeps, "store">, ownerId: string, query: { readonly cursor?: string; readonly limit: number },
): Promise<Page<Conversation>> {
  const rows = await newestFirst(deps, ownerId);
  const after = query.cursor === undefined ? rows : rows.filter((row) => placeOf(row) < (query.cursor ?? ""));
  const page = after.slice(0, query.limit);
  const last = page.at(-1);
  return { rows: page, ...(last && after.length > page.length ? { next: placeOf(last) } : {}) };
}

export async function newestFirst(deps: Pick<ChatDeps, "store">, ownerId: string): Promise<Conversation[]> {
  const rows: Conversation[] = [];
  for await (const row of allRows(deps.store.conversations, { index: "ownerId", value: ownerId })) rows.push(row);
  return rows.sort((a, b) => (placeOf(a) < placeOf(b) ? 1 : -1));
}

function placeOf({ updatedAt, id }: Conversation): string {
  return `${String(updatedAt).padStart(15, "0")}.${id}`;
}
