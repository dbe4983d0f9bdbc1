import type { Conversation } from "../../../core/domain/conversation";
import { listConversations } from "../../../core/services/chat/listConversations";
import { searchConversations } from "../../../core/services/chat/searchConversations";
import type { MemberVisit } from "../visit";
import type { SidebarItem, SidebarModel } from "./models";

const AT_ONCE = 40;
const DAY_MS = 24 * 3_600_000;
const month = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric", timeZone: "UTC" });

/** The newest conversations, or those after a cursor. */
export async function sidebarOf(visit: MemberVisit, currentId?: string, cursor?: string): Promise<SidebarModel> {
  const page = await listConversations(visit.deps, visit.user.id, { limit: AT_ONCE, ...(cursor === undefined ? {} : { cursor }) });
  const items = page.rows.map((row) => itemOf(row, currentId));
  return { groups: grouped(items, visit.deps.clock()), query: "", ...(page.next === undefined ? {} : { nextHref: `/chat/list?cursor=${encodeURIComponent(page.next)}` }) };
}

export async function foundConversations(visit: MemberVisit, query: string): Promise<SidebarModel> {
  const found = await searchConversations(visit.deps, visit.user.id, query);
  const items = found.map(({ conversation, excerpt }) => ({ ...itemOf(conversation), ...(excerpt === undefined ? {} : { excerpt }) }));
  return { groups: grouped(items, visit.deps.clock()), query };
}

function itemOf({ id, title, updatedAt }: Conversation, currentId?: string): SidebarItem {
  return { id, href: `/chat/${id}`, title, updatedAt, isCurrent: id === currentId };
}

function grouped(items: readonly SidebarItem[], now: number): SidebarModel["groups"] {
  const groups = new Map<string, SidebarItem[]>();
  for (const item of items) {
    const label = labelOf(item.updatedAt, now);
    const group = groups.get(label);
    if (group) group.push(item);
    else groups.set(label, [item]);
  }
  return [...groups].map(([label, group]) => ({ label, items: group }));
}

/** By days of UTC: the server does not know the reader's. */
export function labelOf(at: number, now: number): string {
  const days = Math.floor(now / DAY_MS) - Math.floor(at / DAY_MS);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days <= 7) return "Previous 7 days";
  return days <= 30 ? "Previous 30 days" : month.format(at);
}
