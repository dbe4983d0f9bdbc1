import { readFileSync } from "node:fs";
import path from "node:path";
import { renderDocument, type DocumentHtml } from "../../../core/adapters/markdown/renderDocument";
import { projectRoot } from "../../../core/environment";

/** One page of the help: `docs/help/<slug>.md`. */
export interface HelpPage {
  readonly slug: string;
  /** In the list at the side. */
  readonly label: string;
}

export interface HelpGroup {
  readonly label: string;
  readonly pages: readonly HelpPage[];
}

export const FIRST_PAGE = "introduction";

export const HELP_GROUPS: readonly HelpGroup[] = [
  {
    label: "Using it",
    pages: [
      { slug: FIRST_PAGE, label: "Introduction" }, { slug: "chat", label: "Chat" }, { slug: "profile", label: "Profile & API keys" },
      { slug: "usage", label: "Usage" }, { slug: "models", label: "Models" },
    ],
  },
  {
    label: "Building with it",
    pages: [
      { slug: "api", label: "API reference" }, { slug: "clients", label: "Clients" }, { slug: "client-detail", label: "A client's page" },
      { slug: "plugin-authors", label: "Writing plugins" },
    ],
  },
  {
    label: "Running it",
    pages: [
      { slug: "configuring-clients", label: "Configuring clients" }, { slug: "administration", label: "Administration" },
      { slug: "configuration", label: "All settings" },
    ],
  },
];

const known = new Set(HELP_GROUPS.flatMap(({ pages }) => pages.map(({ slug }) => slug)));
const rendered = new Map<string, DocumentHtml>();

/** Where a page of the help is. */
export function helpAddress(slug: string): string {
  return slug === FIRST_PAGE ? "/help" : `/help/${slug}`;
}

/** A page as HTML, read at its first use; undefined where there is none of this name. */
export function helpDocument(slug: string): DocumentHtml | undefined {
  if (!known.has(slug)) return undefined;
  let document = rendered.get(slug);
  if (!document) {
    document = renderDocument(readFileSync(path.join(projectRoot(), "docs", "help", `${slug}.md`), "utf8"), linkInHelp);
    rendered.set(slug, document);
  }
  return document;
}

/** `chat.md#files` is `/help/chat#files`; `page:/models` is a page of the product. */
export function linkInHelp(target: string): string {
  if (target.startsWith("page:")) return target.slice("page:".length);
  const [, slug, anchor = ""] = /^([\w-]+)\.md(#.*)?$/.exec(target) ?? [];
  return slug === undefined ? target : `${helpAddress(slug)}${anchor}`;
}
