import { ROUTES } from "../../plugins/web-ui/routes";
import type { PageRoute } from "../../plugins/web-ui/visit";
import type { SeededWorld } from "./seededLumen";

/** What the tests over all routes have to know of one. */
export interface RouteRow {
  /** Fills the path's parameters, each with something of the manager's; needed where there are any. */
  readonly params?: (world: SeededWorld) => Readonly<Record<string, string>>;
  readonly query?: string;
  /** What a GET answers to those who may see it; default: a page, 200. */
  readonly answers?: "file" | "stream" | "redirect" | "not found";
  /** The thing in the path is one person's own: others of the same audience find nothing. */
  readonly own?: boolean;
}

const client = { params: (world: SeededWorld) => ({ id: world.clientId }) };
const clientKey = { params: (world: SeededWorld) => ({ id: world.clientId, keyId: world.clientKeyId }) };
const clientModel = { params: (world: SeededWorld) => ({ id: world.clientId, model: "gpt-4o" }) };
const ownKey = { params: (world: SeededWorld) => ({ keyId: world.managerKeyId }), own: true };
const model = { params: () => ({ model: "gpt-4o" }) };
const user = { params: (world: SeededWorld) => ({ id: world.memberId }) };
const PAGE: RouteRow = {};
const CSV: RouteRow = { answers: "file" };

/** One row for each route. A route without one fails the tests: think about who may use it, and write it down. */
export const ROWS: Readonly<Record<string, RouteRow>> = {
  "GET /": { answers: "redirect" },
  "GET /sign-in": PAGE,
};

void [client, clientKey, clientModel, ownKey, model, user, CSV];

export const nameOf = (route: PageRoute): string => `${route.method} ${route.path}`;

/** The routes that have no row, and the rows that have no route. */
export function rowsAstray(): { readonly missing: string[]; readonly stray: string[] } {
  const names = new Set(ROUTES.map(nameOf));
  return { missing: [...names].filter((name) => !ROWS[name]), stray: Object.keys(ROWS).filter((name) => !names.has(name)) };
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
