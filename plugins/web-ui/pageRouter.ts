import type { IncomingMessage, ServerResponse } from "node:http";
import { CodedError } from "../../core/errors/codedError";
import { callerAddress } from "../../core/gateway/callerAddress";
import { findExchange, type Exchange } from "../../core/gateway/exchange";
import { toCodedError } from "../../core/gateway/respond";
import type { PageDeps } from "../../core/services/pageDeps";
import { findSession } from "../../core/services/signIn/findSession";
import { isAdmin } from "../../core/services/signIn/firstAdmin";
import { readCookie, SESSION_COOKIE } from "./cookies";
import { checkCsrf } from "./csrf";
import { formOf, readForm } from "./forms";
import { isMultipart, readMultipart } from "./multipart";
import type { PageAnswers } from "./pageAnswers";
import { setSecurityHeaders } from "./securityHeaders";
import { NotFound, redirect, type MemberVisit, type PageRoute, type Reply, type Visit } from "./visit";

/** Express's request, as far as routes fill it. */
type RoutedRequest = IncomingMessage & { readonly params?: Readonly<Record<string, string>> };

const EMPTY = formOf(new URLSearchParams());

/** What is open to somebody who has to choose a password first. */
const OPEN_BEFORE_CHANGE: ReadonlySet<string> = new Set(["/account/password", "/sign-out"]);

/** Runs one route for one request: who is it, may they, do it, answer. Whatever goes wrong becomes a page that says so. */
export async function runRoute(route: PageRoute, deps: PageDeps, answers: PageAnswers, req: RoutedRequest, res: ServerResponse): Promise<void> {
  const exchange = findExchange(req);
  if (!exchange) throw new Error(`${route.path} met a request that did not come through the front door`);
  setSecurityHeaders(res);
  let visit = anonymousVisit(exchange, deps, req.params ?? {});
  try {
    visit = await recognise(visit);
    if (route.method === "POST") {
      visit = { ...visit, ...(await sentWith(route, visit)) };
      checkCsrf(visit);
    }
    await answers.send(visit, await replyOf(route, visit));
  } catch (error) {
    answers.sendError(visit, error instanceof NotFound ? new CodedError("not_found", { message: "There is nothing at this address." }) : toCodedError(error), error);
  }
}

/** Fields, and for a member files too: nobody else's are read. */
async function sentWith(route: PageRoute, visit: Visit): Promise<Pick<Visit, "form" | "files">> {
  if (route.multipart && isMultipart(visit)) return visit.user ? readMultipart(visit) : { form: EMPTY, files: [] };
  return { form: await readForm(visit.req, route.formBytes), files: [] };
}

/** A request before anybody was recognised: enough for an error page. */
export function anonymousVisit(exchange: Exchange, deps: PageDeps, params: Readonly<Record<string, string>> = {}): Visit {
  const { req, res, snapshot } = exchange;
  const [path = "/", query = ""] = (req.url ?? "/").split("?", 2);
  const isSwap = req.headers["hx-request"] === "true" && req.headers["hx-boosted"] !== "true" && req.headers["hx-history-restore-request"] !== "true";
  const address = callerAddress(req, snapshot);
  return {
    exchange, req, res, deps: { ...deps, address }, snapshot, path, params, query: new URLSearchParams(query), form: EMPTY, files: [], isAdmin: false, isSwap, address,
  };
}

/** Adds who is signed in, if anybody is. */
export async function recognise(visit: Visit): Promise<Visit> {
  const token = readCookie(visit.req, SESSION_COOKIE);
  const live = token ? await findSession(visit.deps, token) : undefined;
  return live ? { ...visit, session: live.session, user: live.user, isAdmin: isAdmin(live.user, visit.snapshot) } : visit;
}

async function replyOf(route: PageRoute, visit: Visit): Promise<Reply> {
  if (route.audience === "public") return route.handler(visit);
  if (!isMember(visit)) return detour("/sign-in", route, visit);
  if (visit.session.mustChangePassword && !OPEN_BEFORE_CHANGE.has(route.path)) return detour("/account/password", route, visit);
  // Who may not know of a thing does not learn that it is there.
  if (route.audience === "admin" && !visit.isAdmin) throw new NotFound();
  if (route.audience === "manager" && !visit.isAdmin) {
    const client = await visit.deps.store.clients.get(visit.params["id"] ?? "");
    if (!client?.managers.includes(visit.user.id)) throw new NotFound();
  }
  return route.handler(visit);
}

/** First there, and then on to what was asked for. */
function detour(place: string, { method }: PageRoute, { req }: Visit): Reply {
  return redirect(method === "GET" ? `${place}?next=${encodeURIComponent(req.url ?? "/")}` : place);
}

function isMember(visit: Visit): visit is MemberVisit {
  return visit.user !== undefined && visit.session !== undefined;
}
