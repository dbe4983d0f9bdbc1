import sanitizeHtml from "sanitize-html";
import { safeHtml } from "../../core/adapters/views/openViews";

const cleaned = new Map<string, object>();

/** `app.announcement` as HTML of a small allow-list; undefined where there is nothing to say. */
export function announcementHtml(source: string): object | undefined {
  if (source.trim() === "") return undefined;
  let html = cleaned.get(source);
  if (!html) {
    cleaned.clear();
    html = safeHtml(sanitizeHtml(source, {
      allowedTags: ["a", "b", "strong", "i", "em", "code", "br", "span"],
      allowedAttributes: { a: ["href", "title"] },
      allowedSchemes: ["https", "http", "mailto"],
      allowProtocolRelative: false,
    }));
    cleaned.set(source, html);
  }
  return html;
}
