import type { Owner } from "../../core/domain/owner";
import { NotFound, type MemberHandler, type MemberVisit, type PageRoute } from "./visit";

/** Whose keys and consents a page is about: the visitor's own, or those of the client in the path. */
export interface OwnerPage {
  readonly owner: Owner;
  /** Where the page itself is: `/profile` or `/clients/<id>`. */
  readonly base: string;
}

/** @throws NotFound where there is no such client; who may see it was asked before */
export async function ownerPageOf(visit: MemberVisit): Promise<OwnerPage> {
  const id = visit.params["id"];
  if (id === undefined) return { owner: visit.user, base: "/profile" };
  const owner = await visit.deps.store.clients.get(id);
  if (!owner) throw new NotFound();
  return { owner, base: `/clients/${encodeURIComponent(id)}` };
}

/** One handler under both addresses: `/profile/…` for oneself, `/clients/<id>/…` for those who manage a client. */
export function ownerRoutes(method: "GET" | "POST", tail: string, handler: MemberHandler): readonly PageRoute[] {
  return [
    { method, path: `/profile${tail}`, audience: "member", handler },
    { method, path: `/clients/:id${tail}`, audience: "manager", handler },
  ];
}

/** The query of the page that a swap comes from, so that what is swapped in keeps its search and order. */
export function pageQuery(visit: Pick<MemberVisit, "req" | "query" | "isSwap">): URLSearchParams {
  const from = visit.req.headers["hx-current-url"];
  if (!visit.isSwap || typeof from !== "string" || !URL.canParse(from)) return visit.query;
  return new URL(from).searchParams;
}
