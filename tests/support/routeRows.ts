import { ROUTES } from "../../plugins/web-ui/routes";
import type { PageRoute } from "../../plugins/web-ui/visit";
import type { Persona, SeededWorld } from "./seededLumen";

/** What the tests over all routes have to know of one. */
export interface RouteRow {
  /** Fills the path's parameters, each with something of the manager's; needed where there are any. */
  readonly params?: (world: SeededWorld) => Readonly<Record<string, string>>;
  readonly query?: string;
  /** What a GET answers to those who may see it; default: a page, 200. */
  readonly answers?: "file" | "stream" | "redirect" | "not found";
  /** Who gets another status, and which. */
  readonly statuses?: Partial<Readonly<Record<Persona | "anonymous", number>>>;
  /** Is a part of another page: a script asks for it and gets the part alone, without script the whole page is another one. */
  readonly part?: true;
  /** The thing in the path is one person's own: others of the same audience find nothing. */
  readonly own?: boolean;
}

const PAGE: RouteRow = {};
const PART: RouteRow = { answers: "redirect", part: true };
const FILE: RouteRow = { answers: "file" };
const client: RouteRow = { params: (world) => ({ id: world.clientId }) };
const clientKey: RouteRow = { params: (world) => ({ id: world.clientId, keyId: world.clientKeyId }) };
const clientModel: RouteRow = { params: (world) => ({ id: world.clientId, model: "gpt-4o" }) };
const ownKey: RouteRow = { params: (world) => ({ keyId: world.managerKeyId }), own: true };
const model: RouteRow = { params: () => ({ model: "gpt-4o" }) };
const user: RouteRow = { params: (world) => ({ id: world.memberId }) };
const conversation: RouteRow = { params: (world) => ({ id: world.conversationId }), own: true };
const answer: RouteRow = { params: (world) => ({ id: world.conversationId, message: world.messageId }), own: true };
const question: RouteRow = { params: (world) => ({ id: world.conversationId, message: world.questionId }), own: true };
const link: RouteRow = { params: () => ({ token: "x".repeat(43) }), answers: "not found" };

/** One row for each route. A route without one fails the tests: think about who may use it, and write it down. */
export const ROWS: Readonly<Record<string, RouteRow>> = {
  "GET /": { answers: "redirect", statuses: { anonymous: 200 } },
  "GET /sign-in": { answers: "redirect", statuses: { anonymous: 200 } },
  "GET /sign-in/link/:token": link,
  "POST /sign-in/link/:token": link,
  "POST /sign-in": PAGE,
  "POST /sign-in/development": PAGE,
  "GET /sign-in/oidc": { answers: "not found" },
  "GET /callback": { answers: "not found" },
  "POST /sign-out": PAGE,
  "GET /account": PAGE,
  // Nobody of the demonstration signs in with a password.
  "GET /account/password": { answers: "not found" },
  "POST /account/password": PAGE,
  "POST /account/sessions/end": PAGE,
  "POST /account/sessions/:id/end": { params: (world) => ({ id: world.managerSessionId }), own: true },
  "GET /help": PAGE,
  "GET /help/:page": { params: () => ({ page: "chat" }) },
  "GET /clients": { statuses: { member: 404, newcomer: 404 } },
  "GET /clients/new": PAGE,
  "POST /clients": PAGE,
  "GET /clients/:id": client,
  "GET /clients/:id/rename": client,
  "POST /clients/:id/rename": client,
  "POST /clients/:id/activate": client,
  "POST /clients/:id/deactivate": client,
  "GET /clients/:id/managers/new": client,
  "POST /clients/:id/managers": client,
  "POST /clients/:id/managers/:userId/remove": { params: (world) => ({ id: world.clientId, userId: world.managerId }) },
  "GET /admin/endpoints": PAGE,
  "POST /admin/endpoints/probe": PAGE,
  "GET /admin/audit": PAGE,
  "GET /admin/users": PAGE,
  "POST /admin/users": PAGE,
  "GET /admin/users/new": PAGE,
  "GET /admin/users/:id": user,
  "POST /admin/users/:id/active": user,
  "POST /admin/users/:id/coins": user,
  "POST /admin/users/:id/link": user,
  "POST /admin/users/:id/password": user,
  "POST /admin/users/:id/sign-out": user,
  "GET /admin/configuration": PAGE,
  "POST /admin/configuration/candidate": PAGE,
  "GET /avatars/:id": { params: (world) => ({ id: world.managerId }), answers: "file" },
  "GET /coin-pill": { answers: "redirect", part: true },
  "GET /models": PAGE,
  "GET /models/:name": { params: () => ({ name: "gpt-4o" }) },
  "GET /connect": PAGE,
  "GET /chat": PAGE,
  "POST /chat": PAGE,
  "GET /chat/list": PAGE,
  "GET /chat/search": PAGE,
  "POST /chat/uploads": PAGE,
  "GET /chat/uploads/files/:file": { params: () => ({ file: "nothing" }), answers: "not found" },
  "GET /chat/:id": conversation,
  "GET /chat/:id/messages/:message": { ...answer, ...PART },
  "POST /chat/:id/messages": conversation,
  "POST /chat/:id/regenerate/:message": answer,
  "POST /chat/:id/edit/:message": question,
  "POST /chat/:id/branch/:message": answer,
  "POST /chat/:id/stop/:message": answer,
  "POST /chat/:id/rename": conversation,
  "POST /chat/:id/delete": conversation,
  "POST /chat/:id/settings": conversation,
  "GET /chat/:id/events/:message": { ...answer, answers: "stream" },
  "GET /chat/:id/files/:file": { params: (world) => ({ id: world.conversationId, file: "nothing" }), own: true, answers: "not found" },
  "GET /chat/:id/export.md": { ...conversation, answers: "file" },
  "GET /chat/:id/export.json": { ...conversation, answers: "file" },
  "GET /usage": PAGE,
  "GET /usage/download.csv": FILE,
  "GET /admin/audit.csv": FILE,
  "GET /profile": PAGE,
  "GET /profile/keys": PART,
  "POST /profile/keys": PAGE,
  "POST /profile/keys/:keyId/save": ownKey,
  "POST /profile/keys/:keyId/discard": ownKey,
  "GET /profile/keys/:keyId/rename": ownKey,
  "POST /profile/keys/:keyId/rename": ownKey,
  "GET /profile/keys/:keyId/revoke": ownKey,
  "POST /profile/keys/:keyId/revoke": ownKey,
  "GET /profile/keys/:keyId/rotate": ownKey,
  "POST /profile/keys/:keyId/rotate": ownKey,
  "GET /clients/:id/keys/:keyId/rotate": clientKey,
  "POST /clients/:id/keys/:keyId/rotate": clientKey,
  "GET /profile/access": PART,
  "GET /profile/access/:model/why": model,
  // Students may not use this model at all: nothing to consent to.
  "GET /profile/access/:model/consent": { ...model, statuses: { member: 404, newcomer: 404 } },
  "POST /profile/access/:model/consent": model,
  "POST /profile/access/:model/withdraw": model,
  "GET /clients/:id/keys": { ...client, ...PART },
  "POST /clients/:id/keys": client,
  "POST /clients/:id/keys/:keyId/save": clientKey,
  "POST /clients/:id/keys/:keyId/discard": clientKey,
  "GET /clients/:id/keys/:keyId/rename": clientKey,
  "POST /clients/:id/keys/:keyId/rename": clientKey,
  "GET /clients/:id/keys/:keyId/revoke": clientKey,
  "POST /clients/:id/keys/:keyId/revoke": clientKey,
  "GET /clients/:id/access": { ...client, ...PART },
  "GET /clients/:id/access/:model/why": clientModel,
  "GET /clients/:id/access/:model/consent": clientModel,
  "POST /clients/:id/access/:model/consent": clientModel,
  "POST /clients/:id/access/:model/withdraw": clientModel,
};

export const nameOf = (route: PageRoute): string => `${route.method} ${route.path}`;

/** The routes that have no row. */
export const routesWithoutRow = (): readonly string[] => ROUTES.map(nameOf).filter((name) => !ROWS[name]);

/** The same address for a thing that is nowhere. */
export function addressOfNothing(route: PageRoute): string {
  return route.path.replace(/:[A-Za-z]+\*?/g, "nothing-of-this-name");
}

/** The address of a route with its parameters filled in. @throws Error for a parameter that the row does not know */
export function addressOf(route: PageRoute, row: RouteRow, world: SeededWorld): string {
  const params = row.params?.(world) ?? {};
  const filled = route.path.replace(/:([A-Za-z]+)\*?/g, (_, name: string) => {
    const value = params[name];
    if (!value) throw new Error(`${nameOf(route)}: the row says nothing of :${name}`);
    return encodeURIComponent(value);
  });
  return filled + (row.query ?? "");
}
