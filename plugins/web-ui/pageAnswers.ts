import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Views } from "../../core/adapters/views/openViews";
import { safeHtml } from "../../core/adapters/views/openViews";
import type { CodedError } from "../../core/errors/codedError";
import { cookie, readCookie, TOAST_COOKIE } from "./cookies";
import { isSecure } from "./origin";
import { shellOf } from "./shell";
import type { Reply, Toast, Visit } from "./visit";

/** Turns replies into bytes. */
export interface PageAnswers {
  send(visit: Visit, reply: Reply): Promise<void>;
  /** A page, or for a swap a toast, that says what went wrong; `cause` goes to the log where it is our fault. */
  sendError(visit: Visit, error: CodedError, cause?: unknown): void;
}

export interface PageAnswersOptions {
  readonly views: Views;
  readonly hasAsset: (name: string) => boolean;
}

const HTML = "text/html; charset=utf-8";
const WORTH_PACKING = 2_048;

export function createPageAnswers(options: PageAnswersOptions): PageAnswers {
  const { views } = options;
  const renderPage = async (visit: Visit, view: string, title: string, model: object): Promise<string> => {
    const shell = await shellOf(visit, options.hasAsset);
    const inner = { ...model, shell };
    return views.render("layouts/main", { shell, title, toast: takeToast(visit), body: safeHtml(views.render(view, inner)) });
  };
  return {
    async send(visit, reply) {
      if (reply.kind === "own") return;
      if (visit.res.destroyed) return;
      for (const [name, value] of Object.entries(reply.headers ?? {})) {
        if (name === "set-cookie") visit.res.appendHeader(name, value);
        else visit.res.setHeader(name, value);
      }
      if (reply.kind === "page") return sendBytes(visit, reply.status ?? 200, HTML, await renderPage(visit, reply.view, reply.title, reply.model));
      if (reply.kind === "part") {
        if (reply.toast) visit.res.setHeader("hx-trigger", toastTrigger(reply.toast));
        const shell = await shellOf(visit, options.hasAsset);
        return sendBytes(visit, reply.status ?? 200, HTML, views.render(reply.view, { ...reply.model, shell }));
      }
      if (reply.kind === "redirect") return sendRedirect(visit, reply.to, reply.toast);
      if (reply.name !== undefined) visit.res.setHeader("content-disposition", attachment(reply.name));
      sendBytes(visit, reply.status ?? 200, reply.type, reply.body);
    },
    sendError(visit, error, cause) {
      if (error.status >= 500) {
        const text = cause instanceof Error ? cause.stack : String(cause);
        visit.deps.logger.error({ request_id: visit.exchange.id, path: visit.path, cause: text }, "a page failed");
      }
      if (visit.res.headersSent) {
        visit.res.destroy();
        return;
      }
      for (const [name, value] of Object.entries(error.headers)) visit.res.setHeader(name, value);
      if (visit.isSwap) {
        visit.res.setHeader("hx-reswap", "none");
        visit.res.setHeader("hx-trigger", toastTrigger({ kind: "bad", text: error.message }));
        sendBytes(visit, error.status, HTML, "");
        return;
      }
      const model = { status: error.status, message: error.message, requestId: visit.exchange.id };
      renderPage(visit, "errors/show", error.status === 404 ? "Not found" : "Something is wrong", model)
        // The store may be what is broken: then the page without anything that needs it.
        .catch(() => views.render("errors/bare", model))
        .then((html) => sendBytes(visit, error.status, HTML, html))
        .catch(() => visit.res.destroy());
    },
  };
}

function sendBytes({ req, res }: Visit, status: number, type: string, content: string | Buffer): void {
  let body = Buffer.from(content);
  res.setHeader("vary", "accept-encoding, hx-request");
  if (body.length > WORTH_PACKING && /^(text|application\/json|image\/svg)/.test(type)) {
    const accepted = String(req.headers["accept-encoding"] ?? "");
    if (/\bbr\b/.test(accepted)) {
      body = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } });
      res.setHeader("content-encoding", "br");
    } else if (/\bgzip\b/.test(accepted)) {
      body = gzipSync(body, { level: 6 });
      res.setHeader("content-encoding", "gzip");
    }
  }
  res.writeHead(status, { "content-type": type, "content-length": body.length });
  res.end(req.method === "HEAD" ? undefined : body);
}

/** For a swap the whole browser goes there, by a header that htmx knows: a redirect would be swapped in. */
function sendRedirect(visit: Visit, to: string, toast: Toast | undefined): void {
  const { res } = visit;
  if (toast) {
    const secure = isSecure(visit.req, visit.snapshot);
    res.appendHeader("set-cookie", cookie(TOAST_COOKIE, `${toast.kind} ${toast.text}`, { secure, maxAgeSeconds: 60 }));
  }
  if (visit.isSwap) {
    res.setHeader("hx-redirect", to);
    sendBytes(visit, 200, HTML, "");
    return;
  }
  res.writeHead(303, { location: to, "content-length": 0 });
  res.end();
}

function takeToast(visit: Visit): Toast | undefined {
  const text = readCookie(visit.req, TOAST_COOKIE);
  if (text === undefined) return undefined;
  visit.res.appendHeader("set-cookie", cookie(TOAST_COOKIE, "", { secure: isSecure(visit.req, visit.snapshot), maxAgeSeconds: 0 }));
  const at = text.indexOf(" ");
  return { kind: text.slice(0, at) === "bad" ? "bad" : "good", text: text.slice(at + 1, at + 400) };
}

/** Headers are Latin: everything else goes as JSON escapes. */
function toastTrigger(toast: Toast): string {
  return JSON.stringify({ toast }).replace(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** How a browser is told to save a file, and under which name. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(wellFormed(name))}`;
}

/** A title that was cut may end in half of a character, which no address can hold. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString("utf8");
}
