import type { IncomingMessage, ServerResponse } from "node:http";
import type { ConfigSnapshot } from "../../core/domain/configSnapshot";
import type { User } from "../../core/domain/owner";
import type { Session } from "../../core/domain/session";
import type { Exchange } from "../../core/gateway/exchange";
import type { PageDeps } from "../../core/services/pageDeps";
import type { Form } from "./forms";
import type { SentFile } from "./multipart";

/** Who may open a route. `manager`: of the client in the path, or an administrator; everybody else finds nothing there. */
export type Audience = "public" | "member" | "manager" | "admin";

/** One request of a page, as its handler sees it. */
export interface Visit {
  readonly exchange: Exchange;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly deps: PageDeps;
  readonly snapshot: ConfigSnapshot;
  /** The path without the query. */
  readonly path: string;
  /** The named parts of the route's path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The fields of a POST; empty for others. */
  readonly form: Form;
  /** Of a POST to a route with `multipart`. */
  readonly files: readonly SentFile[];
  /** Set where somebody is signed in. */
  readonly session?: Session;
  readonly user?: User;
  readonly isAdmin: boolean;
  /** htmx asks for a part of a page; without script the same address gives the whole. */
  readonly isSwap: boolean;
  /** The caller's address, for the audit log and throttling. */
  readonly address: string;
}

/** A visit by somebody who is signed in: what handlers of routes that are not public get. */
export interface MemberVisit extends Visit {
  readonly session: Session;
  readonly user: User;
}

/** What was done, said in a corner of the page and to screen readers. */
export interface Toast {
  readonly kind: "good" | "bad";
  readonly text: string;
}

/** What a handler answers. */
export type Reply =
  | { readonly kind: "page"; readonly view: string; readonly title: string; readonly model: object; readonly status?: number; readonly headers?: Headers }
  | { readonly kind: "part"; readonly view: string; readonly model: object; readonly status?: number; readonly toast?: Toast; readonly headers?: Headers }
  | { readonly kind: "redirect"; readonly to: string; readonly toast?: Toast; readonly headers?: Headers }
  | { readonly kind: "file"; readonly type: string; readonly body: string | Buffer; readonly name?: string; readonly status?: number; readonly headers?: Headers }
  /** The handler answers on `visit.res` by itself: an event stream. */
  | { readonly kind: "own" };

type Headers = Readonly<Record<string, string | readonly string[]>>;

/** A whole page: `view` in the layout. */
export function page(view: string, title: string, model: object = {}, options: { readonly status?: number; readonly headers?: Headers } = {}): Reply {
  return { kind: "page", view, title, model, ...options };
}

/** A part of a page, for htmx. */
export function part(view: string, model: object = {}, options: { readonly status?: number; readonly toast?: Toast; readonly headers?: Headers } = {}): Reply {
  return { kind: "part", view, model, ...options };
}

/** To another page of ours; after a form always, so that a reload sends nothing twice. */
export function redirect(to: string, toast?: Toast, headers?: Headers): Reply {
  return { kind: "redirect", to, ...(toast ? { toast } : {}), ...(headers ? { headers } : {}) };
}

export const good = (text: string): Toast => ({ kind: "good", text });
export const bad = (text: string): Toast => ({ kind: "bad", text });

/** Thrown by a handler: nothing there, or nothing that this person may know of. */
export class NotFound extends Error {}

export type PublicHandler = (visit: Visit) => Reply | Promise<Reply>;
export type MemberHandler = (visit: MemberVisit) => Reply | Promise<Reply>;

/** One line of the table of routes. `formBytes`: how large a form may be, where 1 MB is too little. */
export type PageRoute =
  | { readonly method: "GET" | "POST"; readonly path: string; readonly audience: "public"; readonly handler: PublicHandler; readonly multipart?: boolean; readonly formBytes?: number }
  | { readonly method: "GET" | "POST"; readonly path: string; readonly audience: Exclude<Audience, "public">; readonly handler: MemberHandler; readonly multipart?: boolean; readonly formBytes?: number };
