import { createHash } from "node:crypto";
import sanitizeHtml from "sanitize-html";
import { safeHtml } from "../../core/adapters/views/openViews";

export interface Announcement {
  readonly html: object;
  /** Of its text: who closed one announcement sees the next. */
  readonly id: string;
}

let last: { readonly source: string; readonly announcement: Announcement } | undefined;

/** `app.announcement` as HTML of a small allow-list; undefined where there is nothing to say. */
export function announcementOf(source: string): Announcement | undefined {
  if (source.trim() === "") return undefined;
  if (last?.source !== source) {
    const html = safeHtml(sanitizeHtml(source, {
      allowedTags: ["a", "b", "strong", "i", "em", "code", "br", "span"],
      allowedAttributes: { a: ["href", "title"] },
      allowedSchemes: ["https", "http", "mailto"],
      allowProtocolRelative: false,
    }));
    last = { source, announcement: { html, id: createHash("sha256").update(source).digest("hex").slice(0, 12) } };
  }
  return last.announcement;
}
