import { renderMarkdown } from "../../../core/adapters/markdown/renderMarkdown";
import { safeHtml } from "../../../core/adapters/views/openViews";
import { NotFound, page, redirect, type Reply, type Visit } from "../visit";
import { FIRST_PAGE, HELP_GROUPS, helpAddress, helpDocument } from "./helpPages";

/** `GET /help` and `/help/:page`: for everybody, signed in or not. */
export function showHelp(visit: Visit): Reply {
  const asked = visit.params["page"];
  if (asked === FIRST_PAGE) return redirect("/help");
  const slug = asked ?? FIRST_PAGE;
  const document = helpDocument(slug);
  if (!document) throw new NotFound();
  const isFirst = slug === FIRST_PAGE;
  const { about } = visit.snapshot.sections.branding;
  return page("help/show", document.title, {
    title: document.title,
    body: safeHtml(document.html),
    ...(isFirst && about ? { about: safeHtml(renderMarkdown(about)) } : {}),
    isFirst,
    groups: HELP_GROUPS.map(({ label, pages }) => ({
      label,
      pages: pages.map((one) => ({ label: one.label, href: helpAddress(one.slug), isCurrent: one.slug === slug, headings: one.slug === slug ? document.headings : [] })),
    })),
  });
}
